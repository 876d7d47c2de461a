"""Makes many packs from a table of requests, on all cores, each row exactly once, whatever is killed on the way.

`table` reads and checks the whole table before anything is made; `runs` makes what is not there yet, `on_processes` or
`on_cluster`, each of its `rows` in one place; `begun` says which batch a folder holds; `shards` are what datasets take.
"""

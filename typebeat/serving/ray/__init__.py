"""Serves visitors from a cluster of machines, by Ray Serve; needs `requirements-ray.txt` and `TYPEBEAT_RAY`.

The page holds no model: `cluster` hands its jobs on to replicas (`replica`), each a process with models of its own on
some machine. `connecting` finds the cluster, and `opening` brings the application there. `parcels` are work and results
on their way, with their files; `describing` tells the page what the replicas' models can do.
"""

"""Reads what people write: a prompt in any of seven languages becomes one record of what was understood and what not.

`reading` is the way through, and each step has one job. `text` folds and splits; `tempo`, `counts` and `keys` read
values; `artists` finds names that are not followed; `lexicon` finds the phrases of `vocabulary`; `cues` and `scopes`
tell what "no", "less" and "only" turn round; `roles` tells leads from chords; `meanings` puts these together;
`leftovers` names the rest; `record` holds the result. `wording` goes the other way, from concepts to a prompt.

No library does this. py3langid tells the language of 87 of 100 of the benchmark's prompts, and the tables carry the
language of each word anyway: only a few words ("no", "só", "solo") need that of the whole text, for which `languages`
counts small words. text2num does not know "one forty", and does not say where the words of a number stood.
"""

from typebeat.request.reading.reading import concepts_in, read_words
from typebeat.request.reading.record import Contradiction, Entry, Understood
from typebeat.request.reading.wording import describe_concepts

__all__ = ["Contradiction", "Entry", "Understood", "concepts_in", "describe_concepts", "read_words"]

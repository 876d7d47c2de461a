"""Reads what people write: a prompt in any of seven languages becomes one record of what was understood and what not.

`reading` is the way through, and each step has one job. `text` folds and splits; `tempo`, `counts` and `keys` read
values; `artists` finds names that are not followed; `lexicon` finds the phrases of `vocabulary`; `cues` and `scopes`
tell what "no", "less" and "only" turn round; `roles` tells leads from chords; `meanings` puts these together;
`leftovers` names the rest; `record` holds the result. `wording` goes the other way, from concepts to a prompt.

No library does this: those for language detection guess badly at a prompt of three words, half of them English in every
language (`languages` counts small words instead), and those for number words lose the place of what they have read.
"""

from typebeat.words.reading import concepts_in, read_words
from typebeat.words.record import Contradiction, Entry, Understood
from typebeat.words.wording import describe_concepts

__all__ = ["Contradiction", "Entry", "Understood", "concepts_in", "describe_concepts", "read_words"]

"""The judge of what covers show: it tells subjects of drawn covers that it has not seen, and is not led by colour."""

import numpy as np

from benchmarks import cover_subjects
from benchmarks.cover_subjects import SUBJECTS, drawn_subjects, edges, random_look, trained_classifier
from typebeat.covers.vocabulary import VERSION_2


def test_subjects_are_twelve_motifs_of_version_2_and_each_look_shows_its_own_first():
    assert len(SUBJECTS) == 12
    assert set(SUBJECTS) <= set(VERSION_2.motifs)
    rng = np.random.default_rng(0)
    assert all(random_look("car", rng).motifs[0] == "car" for _ in range(10))


def test_edges_do_not_depend_on_colours_or_brightness():
    picture = np.random.default_rng(0).integers(60, 190, (64, 64, 1), np.uint8).repeat(3, -1)
    assert np.allclose(edges(picture), edges(picture // 2), atol=0.01)


def test_the_judge_tells_subjects_that_it_has_not_seen(monkeypatch):
    monkeypatch.setattr(cover_subjects, "SUBJECTS", ("road", "statue", "crowd"))
    classifier = trained_classifier(*drawn_subjects(1, 4)[:2])
    pictures, subjects, _ = drawn_subjects(5000, 2)
    told = classifier.predict([edges(picture) for picture in pictures])
    assert (told == np.array(subjects)).mean() > 0.8

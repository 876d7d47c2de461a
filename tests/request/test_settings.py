"""What the environment decides."""

from typebeat.request.settings import Settings, read_settings


def test_without_variables_the_defaults_hold():
    assert read_settings({}) == Settings(beat="auto", traceback=False)


def test_blank_variables_count_as_unset():
    assert read_settings({"TYPEBEAT_BEAT": " ", "TYPEBEAT_TRACEBACK": "0"}) == Settings()


def test_variables_are_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("TYPEBEAT_BEAT", " me/beats@v1 ")
    monkeypatch.setenv("TYPEBEAT_TRACEBACK", "1")
    assert read_settings() == Settings(beat="me/beats@v1", traceback=True)

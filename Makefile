# make app     installs what is needed, once, and opens the page
# make test    the same, and runs the tests, two files at a time, each on one core; as root it installs Debian's Chromium for
#              those of the page, where that is missing (elsewhere they say how and are skipped)
# make lint    ruff: rules and format; mypy: types
# make docs    writes the tables and the file map that the documents quote
# make resolve shows that requirements.txt resolves for Python 3.10, which a ZeroGPU Space runs; installs nothing
# make bench   runs every benchmark in turn
# The virtual environment lies outside the clone, in $TYPEBEAT_VENVS (~/.cache/typebeat), one for each set of requirements.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON := $(shell for each in python3.11 python3.10 python3; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 10), (3, 11)))' 2>/dev/null && echo "$$each" && break; done)
VENV_OF := import hashlib, os, pathlib, sys; \
	files = [pathlib.Path(name).read_bytes() for name in ("requirements.txt", "tests/requirements.txt")]; \
	key = hashlib.sha256(b"\0".join([*files, sys.version.encode()])).hexdigest()[:12]; \
	home = os.environ.get("TYPEBEAT_VENVS") or os.path.expanduser("~/.cache/typebeat"); \
	print(os.path.join(home, "venv-" + key))
VENV := $(if $(PYTHON),$(shell $(PYTHON) -c '$(VENV_OF)'),no-python)
INSTALLED := $(VENV)/installed
IN_VENV := $(VENV)/bin/

.PHONY: app test browser lint docs resolve bench

app: $(INSTALLED)
	$(IN_VENV)python app.py

test: $(INSTALLED) browser
	OMP_NUM_THREADS=1 $(IN_VENV)python -m pytest -n 2 --dist loadfile

browser:
	@if [ ! -x /usr/bin/chromium ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq </dev/null >/dev/null; \
		apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core </dev/null >/dev/null; fi

lint: $(INSTALLED)
	$(IN_VENV)ruff check .
	$(IN_VENV)ruff format --check .
	$(IN_VENV)mypy

docs: $(INSTALLED)
	$(IN_VENV)python docs/write.py

resolve: $(INSTALLED)
	$(IN_VENV)uv pip compile --quiet --python-version 3.10 requirements.txt -o /dev/null
	@echo "requirements.txt resolves for Python 3.10"

bench: $(INSTALLED)
	for script in $$(grep -l __main__ benchmarks/*.py); do echo "== $$script"; $(IN_VENV)python "$$script"; done

# written last, so an installation that broke off is taken up again
$(INSTALLED):
	@if [ -z "$(PYTHON)" ]; then \
		echo "Typebeat needs Python 3.10 or 3.11 as python3.11, python3.10 or python3; none was found." >&2; exit 1; fi
	@echo "installing into $(VENV), once; this takes a few minutes and about 8 GB"
	@$(PYTHON) -m venv "$(VENV)" || { \
		echo "$(PYTHON) cannot make a virtual environment; on Debian: apt install python3-venv" >&2; exit 1; }
	@$(IN_VENV)python -m pip install -qq --disable-pip-version-check --no-input --root-user-action ignore \
		-r tests/requirements.txt
	@touch "$@"

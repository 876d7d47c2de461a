# make app     installs what is needed, once, and opens the page
# make test    the same, and runs the tests, three files at a time, since many wait for a page; as root it installs
#              Debian's Chromium for those of the page, where that is missing (elsewhere they say how and are skipped)
# make faults  kills a pack and an export, fills the disk, takes files away, each a few times; the rest is benchmarks/faults.py
# make test-ray installs Ray too, into an environment of its own beside that of the tests, and tests what needs it
# make lint    ruff: rules and format; mypy: types
# make docs    writes the tables and the file map that the documents quote
# make resolve shows that requirements.txt resolves, for Python 3.10 too, which a ZeroGPU Space runs, and that locks/ are what
#              it resolves to; installs nothing
# make lock    brings locks/ up to date after a change of requirements.txt; versions that still fit stay
# make bench   runs every benchmark in turn
# The virtual environment lies outside the clone, in $TYPEBEAT_VENVS (~/.cache/typebeat), one for each set of requirements.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON := $(shell for each in python3.11 python3.10 python3; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 10), (3, 11)))' 2>/dev/null && echo "$$each" && break; done)
# versions and hashes of all that the run time needs, for x86-64 Linux; elsewhere plain requirements.txt is installed
LOCK := $(if $(and $(PYTHON),$(filter Linux-x86_64,$(shell uname -sm | tr ' ' -))),$(shell $(PYTHON) -c \
	'import sys; print("locks/python%d.%d.txt" % sys.version_info[:2])'))
VENV_OF := import hashlib, os, pathlib, sys; \
	files = [pathlib.Path(name).read_bytes() for name in ("requirements.txt", "tests/requirements.txt", *sys.argv[1:])]; \
	key = hashlib.sha256(b"\0".join([*files, sys.version.encode()])).hexdigest()[:12]; \
	home = os.environ.get("TYPEBEAT_VENVS") or os.path.expanduser("~/.cache/typebeat"); \
	print(os.path.join(home, "venv-" + key))
VENV := $(if $(PYTHON),$(shell $(PYTHON) -c '$(VENV_OF)' $(LOCK)),no-python)
INSTALLED := $(VENV)/installed
IN_VENV := $(VENV)/bin/
PIP := $(IN_VENV)python -m pip install -qq --disable-pip-version-check --no-input --root-user-action ignore
COMPILE := $(IN_VENV)uv pip compile --quiet --python-platform x86_64-unknown-linux-gnu --generate-hashes --no-header \
	--no-annotate requirements.txt
PYTHONS := 3.10 3.11
CHEAP_FAULTS := killed_packs full_disk few_files same_pack_twice killed_exports

.PHONY: app test test-ray faults browser lint docs resolve lock bench

app: $(INSTALLED)
	$(IN_VENV)python app.py

test: $(INSTALLED) browser
	OMP_NUM_THREADS=1 $(IN_VENV)python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

faults: $(INSTALLED)
	$(IN_VENV)python -m benchmarks.faults --quick --only $(CHEAP_FAULTS)

# what is installed for `make test` is seen from there, so that only Ray itself is fetched
test-ray: $(INSTALLED)
	@if [ ! -e "$(VENV)-ray/installed" ]; then \
		$(PYTHON) -m venv "$(VENV)-ray"; \
		$(IN_VENV)python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
			> "$$("$(VENV)-ray/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/tests.pth"; \
		"$(VENV)-ray/bin/python" -m pip install -qq --disable-pip-version-check --no-input -r requirements-ray.txt; \
		touch "$(VENV)-ray/installed"; fi
	OMP_NUM_THREADS=1 "$(VENV)-ray/bin/python" -m pytest tests/serving/test_cluster.py tests/serving/test_deploy_files.py

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
	@new=$$(mktemp); trap 'rm -f "$$new"' EXIT; \
	for python in $(PYTHONS); do \
		cp "locks/python$$python.txt" "$$new"; \
		$(COMPILE) --python-version "$$python" -o "$$new"; \
		cmp -s "$$new" "locks/python$$python.txt" || { \
			echo "requirements.txt asks for something else than locks/python$$python.txt holds: make lock" >&2; exit 1; }; \
		echo "requirements.txt resolves to locks/python$$python.txt"; done

lock: $(INSTALLED)
	for python in $(PYTHONS); do $(COMPILE) --python-version "$$python" -o "locks/python$$python.txt"; done

bench: $(INSTALLED)
	for script in $$(grep -l __main__ benchmarks/*.py); do echo "== $$script"; $(IN_VENV)python "$$script"; done

# written last, so an installation that broke off is taken up again
$(INSTALLED):
	@if [ -z "$(PYTHON)" ]; then \
		echo "Typebeat needs Python 3.10 or 3.11 as python3.11, python3.10 or python3; none was found." >&2; exit 1; fi
	@echo "installing into $(VENV), once; this takes a few minutes and about 8 GB"
	@$(PYTHON) -m venv "$(VENV)" || { \
		echo "$(PYTHON) cannot make a virtual environment; on Debian: apt install python3-venv" >&2; exit 1; }
	@if [ -n "$(LOCK)" ]; then $(PIP) --require-hashes -r $(LOCK); fi
	@$(PIP) -r tests/requirements.txt
	@touch "$@"

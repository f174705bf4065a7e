# Two commands: `make book` builds the book, `make test` runs every test. `make help` explains them all.
# Needs make and Python 3.11 or newer; everything else is installed into .venv here.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PIP_ARGS ?=
STRICT ?=
TEST_ARGS ?=
LAB_ARGS ?=
LAB_FOLDER ?= book
EXPERIMENT ?= omission
CORPUS ?=

# Threads that wait for each other must not spin: beside any other program that made training 20 times slower.
export OMP_WAIT_POLICY ?= passive

BIN := .venv/bin
INSTALLED := .venv/.installed
BOOK := _build/.made
SOURCES := $(shell find book lib/reading_neurons -type f ! -path '*/__pycache__/*' ! -path '*/.*' ! -name '*.ipynb') \
           lib/requirements.lock _config.yml _toc.yml

# A double click opens a chapter as a notebook; nothing is fetched to announce news.
LAB_CONFIG := .venv/etc/jupyter/labconfig
LAB_SETTINGS := .binder/default_setting_overrides.json

.DEFAULT_GOAL := help
.PHONY: help book test lab offline notebooks bench reproduce clean

help:  ## explain every target
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile
	@echo
	@echo 'PYTHON=python3.12    the Python that makes .venv (at least 3.11)'
	@echo 'PIP_ARGS="..."       passed to pip, for example the index of the CPU builds of torch'
	@echo 'TEST_ARGS="..."      passed to pytest by make test'
	@echo 'LAB_ARGS="..."       passed to JupyterLab by make lab; LAB_FOLDER=... opens another folder than book'

book: $(INSTALLED)  ## run the chapters and render the book to _build/html; STRICT=1 starts afresh, warnings are errors
	$(if $(STRICT),rm -rf _build)
	$(BIN)/python -m reading_neurons.models.chapters
	$(BIN)/jupyter-book build book --config _config.yml --toc "$(CURDIR)/_toc.yml" --path-output . \
	    $(if $(STRICT),-W -n --keep-going)
	@touch $(BOOK)
	@echo "The book is at $(CURDIR)/_build/html/index.html - open it in a browser."

# As they come: the tests of pages are few and long, and xdist would leave those to the end, for one process.
test: $(INSTALLED) $(BOOK)  ## run unit tests, doctests and the tests of the rendered pages
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -c tests/pytest.ini --rootdir . -n 2 --dist loadfile \
	    --no-loadscope-reorder --doctest-modules tests lib/reading_neurons $(TEST_ARGS)

lab: $(INSTALLED)  ## open the chapters in JupyterLab; a double click opens one as a notebook
	$(BIN)/jupyter lab --ServerApp.root_dir="$(abspath $(LAB_FOLDER))" $(LAB_ARGS)

offline: $(INSTALLED) $(BOOK)  ## zip the book into dist/, to be read without a network or a server
	rm -rf dist/reading-neurons dist/reading-neurons.zip
	mkdir -p dist
	cp -R _build/html dist/reading-neurons
	rm -f dist/reading-neurons/.buildinfo dist/reading-neurons/objects.inv dist/reading-neurons/404.html
	cp LICENSE dist/reading-neurons/LICENSE.txt
	cp -R book/results dist/reading-neurons/notebooks
	cp lib/reading_neurons/sphinx_ext/static/README.txt dist/reading-neurons
	cd dist && ../$(BIN)/python -m zipfile -c reading-neurons.zip reading-neurons
	rm -rf dist/reading-neurons
	@echo "The book is zipped at $(CURDIR)/dist/reading-neurons.zip - unpack it, open index.html."

notebooks: $(INSTALLED)  ## write every chapter as .ipynb into dist/notebooks/learner (no solutions) and teacher
	$(BIN)/python -m reading_neurons.sphinx_ext.notebooks book dist/notebooks

bench: $(INSTALLED)  ## measure the speeds that the project promises, each as a ratio
	$(BIN)/python tests/bench/run.py

reproduce: $(INSTALLED)  ## run an EXPERIMENT (omission) at the paper's size, on its own CORPUS or another, record it in book/results
	$(BIN)/python -m reading_neurons reproduce $(EXPERIMENT) $(if $(CORPUS),--corpus $(CORPUS))

clean:  ## remove the built book and what make offline and make notebooks wrote
	rm -rf _build dist

$(BOOK): $(INSTALLED) $(SOURCES)
	$(MAKE) book

# Anew when the pinned set or the library's metadata change. The library is installed in place: edits take effect.
$(INSTALLED): lib/requirements.lock lib/pyproject.toml $(LAB_SETTINGS)
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo 'Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11'; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo "Python's venv module is missing. Install it with: sudo apt install python3.11-venv"; exit 1; }
	test -x $(BIN)/python || "$(PYTHON)" -m venv .venv
	$(BIN)/python -m pip install $(PIP_ARGS) --requirement lib/requirements.lock
	$(BIN)/python -m pip install $(PIP_ARGS) --no-deps --editable lib
	mkdir -p $(LAB_CONFIG)
	cp $(LAB_SETTINGS) $(LAB_CONFIG)
	@touch $@

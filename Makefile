# The front door to the build. Meson does the work in build/; scripts/ holds what each target runs.
# Packages that are missing are installed by apt (scripts/setup says which before); `make SETUP=:` leaves the machine as it is.

PREFIX ?= /usr/local
DESTDIR ?=
SECONDS = 60
N = 1000
SETUP = scripts/setup

all: build/build.ninja ## build build/assay (the default)
	@ninja -C build

setup: ## install what the build needs and fetch the embedding model
	@$(SETUP) --build

# A new compiler's warning must not keep anybody from building; scripts/check, run alone, sets build/ up so that it does.
build/build.ninja: setup
	@[ -f $@ ] || meson setup build --buildtype=release -Dwerror=false >build-setup.log || { cat build-setup.log; exit 1; }
	@rm -f build-setup.log

demo: all ## search the example documents
	@scripts/demo

test: build/build.ninja ## all tests; prints one line when they pass
	@scripts/check gcc

check: ## tests, static checks, sanitizers, clang-tidy, arm64 under qemu
	@$(SETUP) --build --checks
	@scripts/check --verbose gcc static sanitize tidy aarch64

bench: all ## measure speed (bench/README.md)
	@scripts/bench

fuzz: ## fuzz each target for SECONDS=60
	@$(SETUP) --build --checks
	@scripts/fuzz $(SECONDS)

torture: all ## kill assay N=1000 times while it writes, and while it answers, and check 20 N crash images
	@python3 tests/faults/torture.py --binary build/assay --kills $(N) --images $$((20 * $(N)))
	@python3 tests/faults/logkill.py --binary build/assay --kills $(N)

soak: SECONDS = 7200
soak: all ## use a server in all ways for SECONDS=7200; does it take more and more memory, or descriptors?
	@python3 tests/faults/soak.py --binary build/assay --seconds $(SECONDS)

install: all ## install below PREFIX=/usr/local (and DESTDIR)
	@{ meson configure build -Dprefix="$(PREFIX)" && ninja -C build; } >build/install.log || { cat build/install.log; exit 1; }
	@DESTDIR="$(DESTDIR)" meson install -C build --no-rebuild --quiet
	@[ -n "$(DESTDIR)" ] || [ "$$(id -u)" -ne 0 ] || ldconfig

format: setup ## format the C files
	@scripts/format

clean: ## remove what was built; keeps models/ and .venv/
	rm -rf build build-*

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s  %s\n", $$1, $$2 }' Makefile

.PHONY: all setup demo test check bench fuzz torture soak install format clean help

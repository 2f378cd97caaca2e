# Every target does its own set-up; on a machine that has everything it needs neither network nor root.
PREFIX ?= /usr/local
SWIFT ?= swift
# The same for building and testing, so that nothing is built twice.
CHECKS := -Xswiftc -warnings-as-errors --explicit-target-dependency-import-check error
SOURCES := Sources Tests $(wildcard Benchmarks) Package.swift

.DEFAULT_GOAL := help
.PHONY: run test build lint format bench install clean help

run: ## build, and run the demonstration on simulated services
	scripts/setup build
	$(SWIFT) build $(CHECKS)
	"$$($(SWIFT) build $(CHECKS) --show-bin-path)/hotfix" demo

test: ## build with warnings as errors, and run all tests
	scripts/setup test
	$(SWIFT) build --build-tests $(CHECKS)
	$(SWIFT) test --skip-build --disable-xctest

build: ## build for debugging
	scripts/setup build
	$(SWIFT) build $(CHECKS)

lint: ## check the formatting
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

format: ## format the sources in place
	$(SWIFT) format --in-place --recursive --parallel $(SOURCES)

bench: ## build and run the benchmarks
	scripts/setup build
	Benchmarks/run

install: ## install the release build, the policies, the manual and shell completions under PREFIX
	scripts/setup build
	$(SWIFT) build -c release --static-swift-stdlib --product hotfix
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/hotfix/thresholds"
	install -m 755 "$$($(SWIFT) build -c release --static-swift-stdlib --show-bin-path)/hotfix" "$(DESTDIR)$(PREFIX)/bin/hotfix"
	install -m 644 thresholds/*.yaml "$(DESTDIR)$(PREFIX)/share/hotfix/thresholds/"
	scripts/install-texts "$(DESTDIR)$(PREFIX)/bin/hotfix" "$(DESTDIR)$(PREFIX)/share"

clean: ## remove what was built
	rm -rf .build Benchmarks/.build

help: ## say what there is
	@grep -E '^[a-z]+: ## ' Makefile | sed -E 's/^([a-z]+): ## (.*)$$/\1|\2/' | while IFS='|' read -r target text; do \
		printf '  make %-8s %s\n' "$$target" "$$text"; done

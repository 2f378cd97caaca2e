# Every target does its own set-up; on a machine that has everything it needs neither network nor root.
PREFIX ?= /usr/local
SWIFT ?= swift
# The same for building and testing, so that nothing is built twice.
CHECKS := -Xswiftc -warnings-as-errors --explicit-target-dependency-import-check error
# All tests at once would have more files open, and more servers waiting for their turn, than a small machine bears.
WIDTH := --experimental-maximum-parallelization-width 12
SOURCES := Sources Tests $(wildcard Benchmarks) Package.swift

ROOT := $(DESTDIR)$(PREFIX)
UNITS := lib/systemd/system

.DEFAULT_GOAL := help
.PHONY: run test soak build lint format bench install install-files uninstall clean help

run: ## build, and run the demonstration on simulated services
	scripts/setup build
	$(SWIFT) build $(CHECKS)
	"$$($(SWIFT) build $(CHECKS) --show-bin-path)/hotfix" demo

test: ## build with warnings as errors, and run all tests
	scripts/setup test
	$(SWIFT) build --build-tests $(CHECKS)
	$(SWIFT) test --skip-build --disable-xctest $(WIDTH)

soak: ## random outages, crashes and malformed calls, and points received, for longer: HOTFIX_SOAK times as many as in `test`
	scripts/setup test
	$(SWIFT) build --build-tests $(CHECKS)
	HOTFIX_SOAK=$${HOTFIX_SOAK:-20} $(SWIFT) test --skip-build --disable-xctest --filter 'DeliveryScheduleTests|MalformedCallTests|MalformedExportTests'
	HOTFIX_SOAK=$${HOTFIX_SOAK:-20} $(SWIFT) test --skip-build --disable-xctest --filter AgentServiceTests/memory
	HOTFIX_BENCHMARKS=1 $(SWIFT) build -c release --static-swift-stdlib --product otlp-ingest
	HOTFIX_BENCHMARKS=1 "$$($(SWIFT) build -c release --static-swift-stdlib --show-bin-path)/otlp-ingest" $$(($${HOTFIX_SOAK:-20} * 30))s

build: ## build for debugging
	scripts/setup build
	$(SWIFT) build $(CHECKS)

lint: ## check the formatting
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

format: ## format the sources in place
	$(SWIFT) format --in-place --recursive --parallel $(SOURCES)

bench: ## build and run the benchmarks
	scripts/setup bench
	Benchmarks/run

install: ## install the release build, the policies, the units, the manual and shell completions under PREFIX
	scripts/setup build
	$(SWIFT) build -c release --static-swift-stdlib --product hotfix
	$(MAKE) install-files BINARY="$$($(SWIFT) build -c release --static-swift-stdlib --show-bin-path)/hotfix"

# What `install` installs, from a program that was built already: BINARY.
install-files:
	install -d $(foreach directory,bin share/hotfix/thresholds share/hotfix/cron $(UNITS) lib/sysusers.d lib/tmpfiles.d,"$(ROOT)/$(directory)")
	install -m 755 "$(BINARY)" "$(ROOT)/bin/hotfix"
	install -m 644 thresholds/*.yaml "$(ROOT)/share/hotfix/thresholds/"
	install -m 644 deploy/systemd/*.service deploy/systemd/*.timer "$(ROOT)/$(UNITS)/"
	install -m 644 deploy/systemd/hotfix.sysusers "$(ROOT)/lib/sysusers.d/hotfix.conf"
	install -m 644 deploy/systemd/hotfix.tmpfiles "$(ROOT)/lib/tmpfiles.d/hotfix.conf"
	install -m 644 deploy/cron/hotfix "$(ROOT)/share/hotfix/cron/hotfix"
	sed -i 's#/usr/local/bin/hotfix#$(PREFIX)/bin/hotfix#' "$(ROOT)/$(UNITS)"/hotfix*.service "$(ROOT)/share/hotfix/cron/hotfix"
	scripts/install-texts "$(ROOT)/bin/hotfix" "$(ROOT)/share"

uninstall: ## remove what install installed; configuration and ledger stay
	rm -f "$(ROOT)/bin/hotfix" "$(ROOT)/lib/sysusers.d/hotfix.conf" "$(ROOT)/lib/tmpfiles.d/hotfix.conf"
	rm -f $(foreach unit,$(notdir $(wildcard deploy/systemd/*.service deploy/systemd/*.timer)),"$(ROOT)/$(UNITS)/$(unit)")
	rm -rf "$(ROOT)/share/hotfix"
	rm -f "$(ROOT)/share/man/man1/hotfix.1" "$(ROOT)"/share/man/man1/hotfix-*.1
	rm -f $(foreach script,bash-completion/completions/hotfix zsh/site-functions/_hotfix fish/vendor_completions.d/hotfix.fish,"$(ROOT)/share/$(script)")

clean: ## remove what was built
	rm -rf .build Benchmarks/.build

help: ## say what there is
	@grep -E '^[a-z]+: ## ' Makefile | sed -E 's/^([a-z]+): ## (.*)$$/\1|\2/' | while IFS='|' read -r target text; do \
		printf '  make %-9s %s\n' "$$target" "$$text"; done

# Thin: every target is a script in infrastructure/dev. `make` alone lists them.
DEV := infrastructure/dev
.DEFAULT_GOAL := help
.PHONY: help run test bench lint fmt clean-data

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

run: ## Install what is missing, build, start Elder with demo data
	@exec $(DEV)/run.sh $(ARGS)

test: ## Check and test everything; ARGS go to cargo nextest run
	@exec $(DEV)/test.sh $(ARGS)

bench: ## Measure Elder beside its limits
	@exec $(DEV)/bench.sh $(ARGS)

lint: ## Formatting, clippy, architecture, shell scripts
	@exec $(DEV)/lint.sh

fmt: ## Format the code
	@cargo fmt --all

clean-data: ## Delete the data of `make run`
	@exec $(DEV)/clean-data.sh

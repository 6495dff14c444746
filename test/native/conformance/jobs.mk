# What processes that run beside each other get at random: each its own, in whatever order they run.
names := $(shell seq 20)
all: $(names:%=job-%)
	@for name in $(names); do echo "random/job $$name: $$(cat job-$$name)"; done
job-%:
	@{ od -An -N8 -tx1 /dev/urandom; mktemp -u; } | tr '\n' ' ' > $@

/* A build's helper is started without variables, so what a sanitizer is to do stands here. */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

/* Leaks are looked for with ptrace, which pid 1 of a sandbox cannot be; programs of ours end without giving back. */
const char *__asan_default_options(void)
{
	return "detect_leaks=0:exitcode=99:detect_stack_use_after_return=1:strict_string_checks=1";
}

const char *__ubsan_default_options(void)
{
	return "halt_on_error=1:print_stacktrace=1";
}

/* SPDX-License-Identifier: MIT */
/*
 * Asks an smx server for the time and the temperature.
 *
 *	cc time.c $(pkg-config --cflags --libs libsmx) -o time
 *	./time localhost 1337                    the original exchange
 *	./time localhost 1337 SERVER_KEY         the secure one
 */
#include <smx.h>
#include <stdio.h>

static int ask(struct smx *smx, enum smx_command command, const char *what)
{
	char text[SMX_TEXT_BYTES];

	if (smx_request(smx, command) || smx_reply(smx, text))
		return 1;
	printf("%s: %s (%.2f ms)\n", what, text, smx_rtt_ms(smx));
	return 0;
}

int main(int argc, char **argv)
{
	struct smx *smx = smx_new();
	int secure = argc == 4;
	int failed = !smx || argc < 3 || argc > 4 ||
		     (secure && (smx_set_secure(smx, NULL) ||
					smx_set_server_key(smx, argv[3]))) ||
		     smx_connect(smx, argv[1], argv[2]) ||
		     ask(smx, SMX_TIME, "time") ||
		     ask(smx, SMX_TEMP, "temperature");

	if (failed)
		fprintf(stderr, "%s\n",
			argc < 3 || argc > 4
				? "usage: time HOST PORT [SERVER_KEY]"
				: smx_message(smx));
	smx_free(smx);
	return failed;
}

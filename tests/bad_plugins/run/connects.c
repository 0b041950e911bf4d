/* SPDX-License-Identifier: Apache-2.0
 * Opens a socket. */
#include <sys/socket.h>

#include "hostile.h"

BAD_RUN(connects, if (socket(AF_INET, SOCK_STREAM, 0) < 0) return bad_refused(call, "socket");)

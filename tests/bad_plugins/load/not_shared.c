/* SPDX-License-Identifier: Apache-2.0
 * A program. */
int main(void) { return 0; }

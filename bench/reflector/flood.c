/*
 * flood PORT IN_FLIGHT MS: keeps so many probes of 64 octets in flight for so long; 0 sends as many as the kernel takes,
 * whatever comes back. Prints sent, replies, within (that came in
 * that time), dropped (for want of room in its own socket), seconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 64, MOST = 256, OCTETS = 64, PATIENCE_MS = 100, SO_MEMORY = 55 };

static unsigned char out[BATCH][OCTETS], in[BATCH][2048];
static struct mmsghdr sending[BATCH], receiving[BATCH];
static struct iovec out_part[BATCH], in_part[BATCH];
static long sent_all;
static uint32_t seq;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

/* No more than the kernel takes. */
static void launch_batch(int fd, int count) {
  for (int i = 0; i < count; i++, seq++) {
    uint32_t words[3] = {htonl(seq), htonl(3900000000u + (seq >> 20)), htonl(seq << 12)};
    __builtin_memcpy(out[i], words, sizeof words);
    out[i][13] = 1;
  }
  for (int sent = 0; sent < count;) {
    int n = sendmmsg(fd, sending + sent, count - sent, 0);
    if (n <= 0) return;
    sent += n;
    sent_all += n;
  }
}

static void launch(int fd, int count) {
  for (; count > 0; count -= BATCH) launch_batch(fd, count < BATCH ? count : BATCH);
}

/* How many came; 0 after so long a silence. */
static int gather(int fd, int patience_ms) {
  struct pollfd wait = {fd, POLLIN, 0};
  int n = recvmmsg(fd, receiving, BATCH, MSG_DONTWAIT, NULL);
  if (n > 0) return n;
  if (poll(&wait, 1, patience_ms) <= 0) return 0;
  n = recvmmsg(fd, receiving, BATCH, MSG_DONTWAIT, NULL);
  return n > 0 ? n : 0;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int in_flight = atoi(argv[2]), n;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (in_flight < 0 || in_flight > MOST || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) return 1;
  for (int i = 0; i < BATCH; i++) {
    out_part[i] = (struct iovec){out[i], OCTETS};
    in_part[i] = (struct iovec){in[i], sizeof in[i]};
    sending[i].msg_hdr = (struct msghdr){.msg_iov = &out_part[i], .msg_iovlen = 1};
    receiving[i].msg_hdr = (struct msghdr){.msg_iov = &in_part[i], .msg_iovlen = 1};
  }
  long replies = 0, within;
  double start = now(), end = start + atof(argv[3]) / 1e3, t = start;
  launch(fd, in_flight);
  for (; t < end; t = now()) {
    if (in_flight == 0) {
      launch(fd, BATCH);
      while ((n = recvmmsg(fd, receiving, BATCH, MSG_DONTWAIT, NULL)) > 0) replies += n;
    } else {
      n = gather(fd, PATIENCE_MS);
      replies += n;
      launch(fd, n > 0 ? n : in_flight);
    }
  }
  within = replies;
  while ((n = gather(fd, PATIENCE_MS)) > 0) replies += n;
  uint32_t memory[SK_MEMINFO_VARS] = {0};
  socklen_t size = sizeof memory;
  getsockopt(fd, SOL_SOCKET, SO_MEMORY, memory, &size);
  printf("{\"sent\": %ld, \"replies\": %ld, \"within\": %ld, \"dropped\": %u, \"seconds\": %f}\n", sent_all, replies,
         within, memory[SK_MEMINFO_DROPS], t - start);
  return 0;
}

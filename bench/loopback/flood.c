/* flood PORT IN_FLIGHT MS: keeps so many probes of 41 octets in flight for so long; prints replies, lost, seconds. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum { MOST = 64, OCTETS = 41, PATIENCE_MS = 100 };

static unsigned char out[MOST][OCTETS], in[MOST][2048];
static struct mmsghdr sending[MOST], receiving[MOST];
static struct iovec out_part[MOST], in_part[MOST];
static uint32_t seq;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void launch(int fd, int count) {
  for (int i = 0; i < count; i++, seq++) {
    uint32_t words[3] = {htonl(seq), htonl(3900000000u + (seq >> 20)), htonl(seq << 12)};
    __builtin_memcpy(out[i], words, sizeof words);
    out[i][13] = 1;
  }
  for (int sent = 0; sent < count;) {
    int n = sendmmsg(fd, sending + sent, count - sent, 0);
    if (n <= 0) return;
    sent += n;
  }
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int in_flight = atoi(argv[2]);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (in_flight < 1 || in_flight > MOST || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) return 1;
  for (int i = 0; i < MOST; i++) {
    out_part[i] = (struct iovec){out[i], OCTETS};
    in_part[i] = (struct iovec){in[i], sizeof in[i]};
    sending[i].msg_hdr = (struct msghdr){.msg_iov = &out_part[i], .msg_iovlen = 1};
    receiving[i].msg_hdr = (struct msghdr){.msg_iov = &in_part[i], .msg_iovlen = 1};
  }
  long replies = 0, lost = 0;
  double start = now(), end = start + atof(argv[3]) / 1e3, t = start;
  launch(fd, in_flight);
  for (; t < end; t = now()) {
    struct pollfd wait = {fd, POLLIN, 0};
    if (poll(&wait, 1, PATIENCE_MS) <= 0) {
      lost += in_flight;
      launch(fd, in_flight);
      continue;
    }
    int n = recvmmsg(fd, receiving, in_flight, MSG_DONTWAIT, NULL);
    if (n <= 0) continue;
    replies += n;
    launch(fd, n);
  }
  printf("{\"replies\": %ld, \"lost\": %ld, \"seconds\": %f}\n", replies, lost, t - start);
  return 0;
}

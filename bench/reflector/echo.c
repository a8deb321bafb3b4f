/*
 * The least that answering takes: recvmmsg, the sender's fields to their new places, sendmmsg. No sessions, no clock.
 *
 *   echo stamps    with T2 and T3, one of each a batch, for a sender whose statistics need them
 *   echo kernel    with the kernel's T2 and the TTL of each, and T3 anew every eight: the duties of a reflector
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/net_tstamp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, SLOT = 9216, LIFETIME_S = 600, SENT = 4, RECEIVED = 16, TTL = 40, TOGETHER = 8, CONTROL = 256 };

static unsigned char slots[BATCH][SLOT];

static unsigned char control[BATCH][CONTROL];

static void put(int slot, int at, struct timespec t) {
  uint32_t words[2] = {htonl((uint32_t)t.tv_sec + 2208988800u), htonl(((uint64_t)t.tv_nsec << 32) / 1000000000u)};
  memcpy(slots[slot] + at, words, sizeof words);
}

static void stamp(int from, int to, int at) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  for (int i = from; i < to; i++) put(i, at, t);
}

static void read_control(struct msghdr *message, int slot) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPING) {
      struct timespec t;
      memcpy(&t, CMSG_DATA(c), sizeof t);
      put(slot, RECEIVED, t);
    } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) slots[slot][TTL] = *CMSG_DATA(c);
  }
}

int main(int argc, char **argv) {
  int stamps = argc > 1 && strcmp(argv[1], "stamps") == 0, kernel = argc > 1 && strcmp(argv[1], "kernel") == 0;
  int on = 1, flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  struct sockaddr_in self = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, from[BATCH];
  struct mmsghdr messages[BATCH];
  struct iovec parts[BATCH];
  socklen_t size = sizeof self;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);

  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm(LIFETIME_S);
  if (fd < 0 || bind(fd, (struct sockaddr *)&self, size) != 0) return 1;
  getsockname(fd, (struct sockaddr *)&self, &size);
  if (kernel) {
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags);
    setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &on, sizeof on);
  }
  printf("127.0.0.1:%d\n", ntohs(self.sin_port));
  fflush(stdout);
  for (;;) {
    for (int i = 0; i < BATCH; i++) {
      parts[i] = (struct iovec){slots[i], SLOT};
      messages[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof from[i],
                                            .msg_iov = &parts[i], .msg_iovlen = 1};
      if (!kernel) continue;
      messages[i].msg_hdr.msg_control = control[i];
      messages[i].msg_hdr.msg_controllen = CONTROL;
    }
    int count = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
    for (int i = 0; i < count; i++) {
      memcpy(slots[i] + 24, slots[i], 14);
      parts[i].iov_len = messages[i].msg_len;
      if (kernel) read_control(&messages[i].msg_hdr, i);
      messages[i].msg_hdr.msg_controllen = 0;
    }
    if (stamps) {
      stamp(0, count, RECEIVED);
      stamp(0, count, SENT);
    }
    for (int sent = 0; sent < count;) {
      int together = kernel && count - sent > TOGETHER ? TOGETHER : count - sent;
      if (kernel) stamp(sent, sent + together, SENT);
      int n = sendmmsg(fd, messages + sent, together, 0);
      if (n <= 0) break;
      sent += n;
    }
  }
}

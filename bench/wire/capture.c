/*
 * capture IF PORT FILE: when UDP to PORT ("p") and from PORT ("r") passed the interface, until SIGTERM: a line each of
 * p or r, the sender's number, nanoseconds; the last line is "lost" and how many the kernel had no room for. With a
 * fourth argument the number is counted here: that of sealed packets cannot be read.
 *
 * The kernel stamps, so reading can wait: this wakes 20 times a second and not at every packet, because whoever wakes
 * at a packet takes a processor away from what is measured.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LIFETIME_S = 120, NAP_NS = 50000000, SETTLE_US = 200000, UDP = 17, PROBE_SEQ = 0, REPLY_SEQ = 24 };

static volatile sig_atomic_t over;
static int counts;
static uint32_t probes, replies;
static unsigned char packet[2048];

static void end(int signal) { over = signal; }

static uint32_t word(const unsigned char *at) {
  uint32_t value;
  memcpy(&value, at, 4);
  return ntohl(value);
}

/* The datagrams are cooked: they start with the IP header. */
static void note(FILE *file, int size, int port, const struct timespec *time) {
  int header = (packet[0] & 15) * 4, udp = header + 8;
  if (packet[0] >> 4 != 4 || size < udp + REPLY_SEQ + 4 || packet[9] != UDP) return;
  int from = packet[header] << 8 | packet[header + 1], to = packet[header + 2] << 8 | packet[header + 3];
  if (from != port && to != port) return;
  uint32_t seq = word(packet + udp + (to == port ? PROBE_SEQ : REPLY_SEQ));
  if (counts) seq = to == port ? probes++ : replies++;
  fprintf(file, "%c %u %lld%09ld\n", to == port ? 'p' : 'r', seq, (long long)time->tv_sec, time->tv_nsec);
}

static void drain(int fd, FILE *file, int port) {
  char control[256];
  struct iovec part = {packet, sizeof packet};
  for (;;) {
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    int size = recvmsg(fd, &message, MSG_DONTWAIT);
    if (size < 0) return;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c)) {
      struct timespec time;
      if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
      memcpy(&time, CMSG_DATA(c), sizeof time);
      note(file, size, port, &time);
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 4 && argc != 5) return 2;
  counts = argc == 5;
  int fd = socket(AF_PACKET, SOCK_DGRAM, 0), on = 1, room = 8 << 20;
  struct sockaddr_ll link = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
                             .sll_ifindex = if_nametoindex(argv[1])};
  struct tpacket_stats stats = {0};
  socklen_t size = sizeof stats;
  FILE *file = fopen(argv[3], "w");

  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm(LIFETIME_S);
  signal(SIGTERM, end);
  if (fd < 0 || file == NULL || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0 ||
      bind(fd, (struct sockaddr *)&link, sizeof link) != 0) {
    fprintf(stderr, "%s\n", strerror(errno));
    return 1;
  }
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  usleep(SETTLE_US); /* the kernel turns stamping on by deferred work */
  printf("captures:%s\n", argv[2]);
  fflush(stdout);
  while (!over) {
    nanosleep(&(struct timespec){0, NAP_NS}, NULL);
    drain(fd, file, atoi(argv[2]));
  }
  drain(fd, file, atoi(argv[2]));
  getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size);
  fprintf(file, "lost 0 %u\n", stats.tp_drops);
  return fclose(file) != 0;
}

/*
 * What the kernel lets a small program know: T1 from the error queue, T2 and T4 at arrival, T3 by a clock before the
 * system call. The bound that the tables name.
 *
 *   floor reflect ADDRESS PORT
 *   floor send ADDRESS PORT INTERVAL_US COUNT    prints the lines of --output ndjson, as far as they are read
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 20000, OCTETS = 41, LIFETIME_S = 120, PATIENCE_NS = 500000000, STAMPING = 37 };
#define ERA 2208988800u

typedef struct timespec Time;

/* What came with a datagram: its stamp, and of a departed one its number. */
typedef struct { Time time; uint32_t id; int size; struct sockaddr_in from; } Arrival;

static unsigned char packet[2048];

static void put(unsigned char *at, Time t) {
  uint32_t words[2] = {htonl((uint32_t)t.tv_sec + ERA), htonl((uint32_t)(((uint64_t)t.tv_nsec << 32) / 1000000000u))};
  memcpy(at, words, 8);
}

static int64_t nanos(Time t) { return t.tv_sec * 1000000000ll + t.tv_nsec; }

static int64_t get(const unsigned char *at) {
  uint32_t words[2];
  memcpy(words, at, 8);
  return (int64_t)(ntohl(words[0]) - ERA) * 1000000000ll + (((uint64_t)ntohl(words[1]) * 1000000000u) >> 32);
}

static int take(int fd, int flags, Arrival *arrival) {
  char control[512];
  struct iovec part = {packet, sizeof packet};
  struct msghdr message = {.msg_name = &arrival->from, .msg_namelen = sizeof arrival->from, .msg_iov = &part,
                           .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  arrival->size = recvmsg(fd, &message, flags);
  if (arrival->size < 0) return 0;
  clock_gettime(CLOCK_REALTIME, &arrival->time);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == STAMPING) memcpy(&arrival->time, CMSG_DATA(c), sizeof(Time));
    if (c->cmsg_level == SOL_IP && c->cmsg_type == IP_RECVERR)
      arrival->id = ((struct sock_extended_err *)CMSG_DATA(c))->ee_data;
  }
  return 1;
}

static void reflect(int fd) {
  Arrival probe;
  Time now;
  for (uint32_t seq = 0;; seq++) {
    if (!take(fd, 0, &probe)) continue;
    memcpy(packet + 24, packet, 14);
    memcpy(packet, &(uint32_t){htonl(seq)}, 4);
    put(packet + 16, probe.time);
    clock_gettime(CLOCK_REALTIME, &now);
    put(packet + 4, now);
    sendto(fd, packet, probe.size, 0, (struct sockaddr *)&probe.from, sizeof probe.from);
  }
}

static int64_t left[MOST], back[MOST], there[MOST], away[MOST];

static void gather(int fd) {
  Arrival arrival;
  while (take(fd, MSG_DONTWAIT | MSG_ERRQUEUE, &arrival))
    if (arrival.id < MOST) left[arrival.id] = nanos(arrival.time);
  while (take(fd, MSG_DONTWAIT, &arrival)) {
    uint32_t seq;
    memcpy(&seq, packet + 24, 4);
    if ((seq = ntohl(seq)) >= MOST) continue;
    back[seq] = nanos(arrival.time);
    there[seq] = get(packet + 16);
    away[seq] = get(packet + 4);
  }
}

/* Until then on the monotonic clock, taking what comes meanwhile. */
static void wait(int fd, int64_t until) {
  for (;;) {
    Time now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t rest = until - nanos(now);
    if (rest <= 0) return;
    struct pollfd events = {fd, POLLIN, 0};
    if (ppoll(&events, 1, &(Time){rest / 1000000000, rest % 1000000000}, NULL) > 0) gather(fd);
  }
}

static void send_all(int fd, int64_t interval, uint32_t count) {
  unsigned char out[OCTETS] = {0};
  Time now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  int64_t start = nanos(now);
  for (uint32_t seq = 0; seq < count; seq++) {
    wait(fd, start + seq * interval);
    memcpy(out, &(uint32_t){htonl(seq)}, 4);
    clock_gettime(CLOCK_REALTIME, &now);
    put(out + 4, now);
    out[13] = 1;
    send(fd, out, OCTETS, 0);
  }
  wait(fd, start + count * interval + PATIENCE_NS);
  for (uint32_t seq = 0; seq < count; seq++) {
    if (left[seq] == 0 || back[seq] == 0) continue;
    long long t1 = left[seq], t2 = there[seq], t3 = away[seq], t4 = back[seq];
    printf("{\"type\":\"probe\",\"seq\":%u,\"status\":\"ok\",\"rttNs\":%lld,\"t1\":\"%lld\",\"t2\":\"%lld\",\"t3\":\"%lld\","
           "\"t4\":\"%lld\"}\n", seq, t4 - t1 - (t3 - t2), t1, t2, t3, t4);
  }
  puts("{\"type\":\"summary\",\"stamps\":{\"t1\":\"kernel\",\"t4\":\"kernel\"}}");
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  int fd = socket(AF_INET, SOCK_DGRAM, 0), sends = strcmp(argv[1], "send") == 0;
  int wanted = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[3]))};
  inet_pton(AF_INET, argv[2], &address.sin_addr);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_TIMERSLACK, 1);
  alarm(LIFETIME_S);
  if (sends) wanted |= SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
  if (setsockopt(fd, SOL_SOCKET, STAMPING, &wanted, sizeof wanted) != 0) return 1;
  if ((sends ? connect : bind)(fd, (struct sockaddr *)&address, sizeof address) != 0) return 1;
  if (sends && argc == 6) send_all(fd, atoll(argv[4]) * 1000, atoi(argv[5]) < MOST ? atoi(argv[5]) : MOST);
  else {
    printf("%s:%s\n", argv[2], argv[3]);
    fflush(stdout);
    reflect(fd);
  }
  return 0;
}

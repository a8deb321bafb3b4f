/* The least that answering takes: recvmmsg, the sender's fields to their new places, sendmmsg. No sessions, no clock. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <signal.h>
#include <unistd.h>

enum { BATCH = 64, SLOT = 9216, LIFETIME_S = 600 };

static unsigned char slots[BATCH][SLOT];

int main(void) {
  struct sockaddr_in self = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, from[BATCH];
  struct mmsghdr messages[BATCH];
  struct iovec parts[BATCH];
  socklen_t size = sizeof self;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);

  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm(LIFETIME_S);
  if (fd < 0 || bind(fd, (struct sockaddr *)&self, size) != 0) return 1;
  getsockname(fd, (struct sockaddr *)&self, &size);
  printf("127.0.0.1:%d\n", ntohs(self.sin_port));
  fflush(stdout);
  for (;;) {
    for (int i = 0; i < BATCH; i++) {
      parts[i] = (struct iovec){slots[i], SLOT};
      messages[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof from[i],
                                            .msg_iov = &parts[i], .msg_iovlen = 1};
    }
    int count = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
    for (int i = 0; i < count; i++) {
      memcpy(slots[i] + 24, slots[i], 14);
      parts[i].iov_len = messages[i].msg_len;
    }
    for (int sent = 0; sent < count;) {
      int n = sendmmsg(fd, messages + sent, count - sent, 0);
      if (n <= 0) break;
      sent += n;
    }
  }
}

/* A host that changes its environment while other threads ask and record. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static bool (*is_on)(void);
static void (*record)(void);
static volatile long asked;

static void *ask(void *unused) {
  for (;; asked++) {
    if (!is_on()) _exit(3);
    if (asked % 16 == 0) record();
  }
  return unused;
}

int main(int argc, char **argv) {
  void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
  if (!library) return 1;
  void (*start)(void) = dlsym(library, "hosted_start");
  is_on = dlsym(library, "hosted_is_on");
  record = dlsym(library, "hosted_record");
  start();
  pthread_t thread;
  pthread_create(&thread, NULL, ask, NULL);
  char name[32];
  time_t end = time(NULL) + 5;
  for (long i = 0; time(NULL) < end; i++) {
    snprintf(name, sizeof name, "VARIABLE%ld", i % 4000);
    if (i % 8000 < 4000) setenv(name, "a value that is a little long", 1);
    else unsetenv(name);
  }
  _exit(asked > 0 ? 7 : 4);
}

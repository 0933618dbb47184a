/* A host that loads the library. Each start of it is noted: another one would do its work again. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>

int main(int argc, char **argv) {
  FILE *starts = fopen("starts", "a");
  fprintf(starts, "%d\n", argc);
  fclose(starts);
  void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
  if (!library) return 1;
  void (*start)(void) = dlsym(library, "hosted_start");
  void (*record)(void) = dlsym(library, "hosted_record");
  void (*stop)(void) = dlsym(library, "hosted_stop");
  start();
  record();
  stop();
  return 7;
}

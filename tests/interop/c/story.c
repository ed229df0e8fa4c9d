#define _GNU_SOURCE /* nftw */
#include "story.h"

#include <fnmatch.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const Library *library;

const char *variable(const char *name) {
  char whole[64];
  snprintf(whole, sizeof whole, "INTEROP_%s", name);
  const char *value = getenv(whole);
  if (value == NULL) {
    fprintf(stderr, "%s is not set\n", whole);
    exit(1);
  }
  return value;
}

const char *here(const char *name) {
  static char paths[8][4096];
  static unsigned next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", variable("HERE"), name);
  return path;
}

Bytes local(const char *name) {
  Bytes contents = {NULL, 0};
  FILE *file = fopen(here(name), "rb");
  if (file == NULL) {
    perror(name);
    exit(1);
  }
  fseek(file, 0, SEEK_END);
  contents.size = (size_t)ftell(file);
  rewind(file);
  contents.bytes = malloc(contents.size + 1); /* a driver's life is short: nothing is freed */
  if (fread(contents.bytes, 1, contents.size, file) != contents.size) exit(1);
  fclose(file);
  return contents;
}

static Bytes from(Bytes contents, size_t at) {
  return (Bytes){contents.bytes + at, contents.size - at};
}

static const Bytes kNothing = {(char *)"", 0};

/* Ends a step with what was not done. */
#define MUST(call) \
  do { \
    int must_status = (call); \
    if (must_status != 0) { \
      static char said[160]; \
      snprintf(said, sizeof said, "%.120s gives %d", #call, must_status); \
      return said; \
    } \
  } while (0)
#define EXPECT(held) \
  do { \
    if (!(held)) return "not so: " #held; \
  } while (0)
#define REFUSED(call) EXPECT((call) > 0)
#define MISSING(call) EXPECT((call) == kNoSuchFile)

static uint64_t size_of(const char *name) {
  uint64_t size = 0;
  uint32_t mode, time;
  return library->stat(name, &size, &mode, &time) == 0 ? size : UINT64_MAX;
}

static int write_file(const char *name, const char *from_local) {
  return library->write(name, local(from_local), -1);
}

static const char *password(void) {
  char path[512], home[512];
  snprintf(home, sizeof home, "/home/%s", variable("USER"));
  MUST(library->password(path, sizeof path));
  EXPECT(strcmp(path, home) == 0);
  return NULL;
}

static const char *const kThree[] = {"large", "small", "empty"};

static const char *put(void) {
  for (int i = 0; i < 3; i++) {
    MUST(write_file(kThree[i], kThree[i]));
    EXPECT(size_of(kThree[i]) == local(kThree[i]).size);
  }
  return NULL;
}

static const char *get(void) {
  for (int i = 0; i < 3; i++) {
    char back[64];
    snprintf(back, sizeof back, "back/%s", kThree[i]);
    MUST(library->fetch(kThree[i], here(back), 0));
  }
  return NULL;
}

static const char *resume_put(void) {
  Bytes large = local("large");
  MUST(library->write("resumed", (Bytes){large.bytes, large.size / 3}, -1));
  uint64_t at = size_of("resumed");
  EXPECT(at == large.size / 3);
  MUST(library->write("resumed", from(large, at), (int64_t)at));
  return NULL;
}

static const char *resume_get(void) {
  MUST(library->fetch("large", here("back/resumed"), (int64_t)local("back/resumed").size));
  return NULL;
}

static const char *append(void) {
  MUST(write_file("appended", "small"));
  MUST(library->append("appended", local("changed")));
  return NULL;
}

static const char *out_of_order(void) {
  MUST(library->write_backwards("scattered", local("large")));
  return NULL;
}

static const char *overwrite(void) {
  MUST(write_file("patched", "large"));
  MUST(library->write("patched", local("small"), kPatchAt));
  return NULL;
}

static const char *truncate_it(void) {
  MUST(write_file("cut", "large"));
  MUST(library->set_size("cut", kCut));
  return NULL;
}

static const char *rename_it(void) {
  MUST(write_file("renaming", "small"));
  REFUSED(library->rename("renaming", "large"));
  MUST(library->rename("renaming", "renamed"));
  return NULL;
}

static const char *rename_over(void) {
  if (library->posix_rename == NULL) return "absent";
  MUST(write_file("target", "small"));
  MUST(write_file("target.filepart", "changed"));
  MUST(library->posix_rename("target.filepart", "target"));
  return NULL;
}

static int send_entry(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)status, (void)place;
  const char *name = path + strlen(variable("HERE")) + 1;
  return kind == FTW_D ? library->make_folder(name) : write_file(name, name);
}

static void fetch_entry(const char *name, int is_folder, void *more) {
  char path[2048], back[2060];
  snprintf(path, sizeof path, "%s/%s", (const char *)more, name);
  snprintf(back, sizeof back, "back/%s", path);
  if (!is_folder) {
    library->fetch(path, here(back), 0);
    return;
  }
  mkdir(here(back), 0755);
  library->list(path, fetch_entry, path);
}

static const char *recursive(void) {
  MUST(nftw(here("tree"), send_entry, 16, FTW_PHYS));
  mkdir(here("back/tree"), 0755);
  MUST(library->list("tree", fetch_entry, (void *)"tree"));
  return NULL;
}

static void fetch_matching(const char *name, int is_folder, void *more) {
  char back[2060];
  snprintf(back, sizeof back, "back/globbed/%s", name);
  if (!is_folder && fnmatch(more, name, 0) == 0) library->fetch(name, here(back), 0);
}

static const char *glob_it(void) {
  MUST(write_file("glob-a.txt", "small"));
  MUST(write_file("glob-b.txt", "small"));
  MUST(write_file("glob-c.dat", "small"));
  mkdir(here("back/globbed"), 0755);
  MUST(library->list(".", fetch_matching, (void *)"glob-*.txt"));
  return NULL;
}

static void count_unicode(const char *name, int is_folder, void *more) {
  (void)is_folder;
  *(int *)more += strcmp(name, COMPOSED) == 0 || strcmp(name, DECOMPOSED) == 0;
}

static const char *unicode(void) {
  MUST(write_file(COMPOSED, "small"));
  MUST(write_file(DECOMPOSED, "changed"));
  int found = 0;
  MUST(library->list(".", count_unicode, &found));
  EXPECT(found == 2);
  return NULL;
}

static const char *long_name(void) {
  char name[kLongName + 2];
  memset(name, 'n', sizeof name);
  memcpy(name + kLongName - 4, ".txt", 5);
  MUST(write_file(name, "small"));
  memcpy(name + kLongName, "n", 2);
  REFUSED(write_file(name, "small"));
  return NULL;
}

static const char *times(void) {
  uint64_t size;
  uint32_t mode, time;
  MUST(write_file("dated", "small"));
  MUST(library->set_time("dated", kDated));
  MUST(library->stat("dated", &size, &mode, &time));
  EXPECT(time == kDated);
  return NULL;
}

static const char *permissions(void) {
  uint64_t size;
  uint32_t mode, time;
  MUST(write_file("moded", "small"));
  MUST(library->set_mode("moded", kMode));
  MUST(library->stat("moded", &size, &mode, &time));
  EXPECT((mode & 0777) == kMode);
  return NULL;
}

static void count_all(const char *name, int is_folder, void *more) {
  (void)name, (void)is_folder;
  ++*(int *)more;
}

static const char *many(void) {
  MUST(library->make_folder("many"));
  for (int number = 0; number < kMany; number++) {
    char name[32];
    snprintf(name, sizeof name, "many/%d", number);
    MUST(library->write(name, kNothing, -1));
  }
  int found = 0;
  MUST(library->list("many", count_all, &found));
  EXPECT(found == kMany);
  return NULL;
}

static const char *space(void) {
  uint64_t bytes = 0;
  MUST(library->free_space(".", &bytes));
  EXPECT(bytes > 0);
  return NULL;
}

static const char *links(void) {
  char path[512];
  REFUSED(library->symlink("large", "link"));
  MUST(library->where(path, sizeof path));
  return NULL;
}

static const char *errors(void) {
  uint64_t size;
  uint32_t mode, time;
  MISSING(library->stat("missing", &size, &mode, &time));
  MISSING(library->fetch("missing", here("back/missing"), 0));
  MISSING(library->remove_file("missing"));
  MISSING(library->list("missing", count_all, &mode));
  MUST(library->make_folder("full"));
  MUST(library->write("full/file", kNothing, -1));
  REFUSED(library->make_folder("full"));
  REFUSED(library->remove_folder("full"));
  REFUSED(library->remove_file("full"));
  REFUSED(library->write("full", kNothing, -1));
  return NULL;
}

static const char *remove_it(void) {
  MUST(write_file("removed", "small"));
  MUST(library->remove_file("removed"));
  MUST(library->make_folder("removed-folder"));
  MUST(library->remove_folder("removed-folder"));
  return NULL;
}

static const struct {
  const char *name;
  const char *(*take)(void);
} kStory[] = {
    {"password", password},   {"put", put},           {"get", get},
    {"resume-put", resume_put}, {"resume-get", resume_get}, {"append", append},
    {"out-of-order", out_of_order}, {"overwrite", overwrite}, {"truncate", truncate_it},
    {"rename", rename_it},    {"rename-over", rename_over}, {"recursive", recursive},
    {"glob", glob_it},        {"unicode", unicode},   {"long-name", long_name},
    {"times", times},         {"permissions", permissions}, {"many", many},
    {"space", space},         {"links", links},       {"errors", errors},
    {"remove", remove_it},
};

void tell(const Library *the_library) {
  library = the_library;
  for (size_t i = 0; i < sizeof kStory / sizeof kStory[0]; i++) {
    const char *why = kStory[i].take();
    if (why == NULL) {
      printf("ok %s\n", kStory[i].name);
    } else if (strcmp(why, "absent") == 0) {
      printf("absent %s: this version has no such function\n", kStory[i].name);
    } else {
      printf("failed %s: %s\n", kStory[i].name, why);
    }
    fflush(stdout);
  }
}

/* What the two drivers in C share. What the steps are: scene.py. A step returns NULL when it is done, else why not. */
#ifndef INTEROP_STORY_H
#define INTEROP_STORY_H

#include <stddef.h>
#include <stdint.h>

enum {
  kBlock = 256 << 10,
  kCut = 5000,
  kPatchAt = 100000,
  kDated = 1000000000,
  kMode = 0640,
  kMany = 300,
  kLongName = 255,
  kNoSuchFile = 2, /* SSH_FX_NO_SUCH_FILE */
};

#define COMPOSED "Gr\xc3\xbc\xc3\x9f" "e \xe8\xa1\xa8 \xf0\x9f\x8e\x89.txt"
#define DECOMPOSED "Gru\xcc\x88\xc3\x9f" "e \xe8\xa1\xa8 \xf0\x9f\x8e\x89.txt"

typedef struct {
  char *bytes;
  size_t size;
} Bytes;

/* What a library does. Each returns 0, or an SSH_FX_* status, or -1 for anything else that went wrong. */
typedef struct {
  /* Creates or truncates (at < 0), or opens what is there and writes from `at`. */
  int (*write)(const char *name, Bytes contents, int64_t at);
  int (*append)(const char *name, Bytes contents);
  /* In blocks of kBlock, the last one first. */
  int (*write_backwards)(const char *name, Bytes contents);
  /* From `at` to the end, at the end of a local file. */
  int (*fetch)(const char *name, const char *local, int64_t at);
  int (*stat)(const char *name, uint64_t *size, uint32_t *mode, uint32_t *time);
  int (*set_size)(const char *name, uint64_t size);
  int (*set_mode)(const char *name, uint32_t mode);
  int (*set_time)(const char *name, uint32_t time);
  int (*make_folder)(const char *name);
  int (*remove_folder)(const char *name);
  int (*remove_file)(const char *name);
  int (*rename)(const char *from, const char *to);
  int (*posix_rename)(const char *from, const char *to); /* NULL: the library has none */
  /* Calls `each` for every name but "." and "..". */
  int (*list)(const char *folder, void (*each)(const char *name, int is_folder, void *more), void *more);
  int (*free_space)(const char *name, uint64_t *bytes);
  int (*symlink)(const char *target, const char *name);
  int (*where)(char *path, size_t size);
  /* A connection of its own, by password: where it is. */
  int (*password)(char *path, size_t size);
} Library;

const char *variable(const char *name); /* INTEROP_name */
const char *here(const char *name);     /* a path in the folder of the story; good until the eighth call after */
Bytes local(const char *name);          /* the contents of a file there */
void tell(const Library *library);      /* takes all steps, prints their lines */

#endif

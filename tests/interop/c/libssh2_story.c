/* libssh2, which curl and many scripting languages use. What the steps are: scene.py. */
#include <arpa/inet.h>
#include <libssh2.h>
#include <libssh2_sftp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "story.h"

static LIBSSH2_SESSION *session;
static LIBSSH2_SFTP *sftp;

static void die(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static LIBSSH2_SESSION *connect_session(int with_password) {
  int connected = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(variable("PORT"))),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(connected, (struct sockaddr *)&address, sizeof address) != 0) die("cannot connect");
  LIBSSH2_SESSION *made = libssh2_session_init();
  if (libssh2_session_handshake(made, connected) != 0) die("the handshake failed");
  char public_key[4096];
  snprintf(public_key, sizeof public_key, "%s.pub", variable("KEY"));
  int refused = with_password ? libssh2_userauth_password(made, variable("USER"), variable("PASSWORD"))
                              : libssh2_userauth_publickey_fromfile(made, variable("USER"), public_key, variable("KEY"), NULL);
  if (refused) die("the log-in was refused");
  return made;
}

/* 0, the status that the server gave, or -1. */
static int status(int result) {
  if (result == 0) return 0;
  if (libssh2_session_last_errno(session) != LIBSSH2_ERROR_SFTP_PROTOCOL) return -1;
  return (int)libssh2_sftp_last_error(sftp);
}

static int write_from(LIBSSH2_SFTP_HANDLE *file, Bytes contents) {
  while (contents.size > 0) {
    ssize_t sent = libssh2_sftp_write(file, contents.bytes, contents.size);
    if (sent < 0) return status((int)sent);
    contents.bytes += sent;
    contents.size -= (size_t)sent;
  }
  return 0;
}

static int closed(LIBSSH2_SFTP_HANDLE *file, int result) {
  int last = status(libssh2_sftp_close(file));
  return result != 0 ? result : last;
}

static LIBSSH2_SFTP_HANDLE *open_file(const char *name, unsigned long flags) {
  return libssh2_sftp_open(sftp, name, flags, 0644);
}

static int write_at(const char *name, Bytes contents, int64_t at) {
  LIBSSH2_SFTP_HANDLE *file =
      open_file(name, LIBSSH2_FXF_WRITE | (at < 0 ? LIBSSH2_FXF_CREAT | LIBSSH2_FXF_TRUNC : 0));
  if (file == NULL) return status(-1);
  if (at > 0) libssh2_sftp_seek64(file, (libssh2_uint64_t)at);
  return closed(file, write_from(file, contents));
}

static int append(const char *name, Bytes contents) {
  LIBSSH2_SFTP_HANDLE *file = open_file(name, LIBSSH2_FXF_WRITE | LIBSSH2_FXF_APPEND);
  if (file == NULL) return status(-1);
  return closed(file, write_from(file, contents));
}

static int write_backwards(const char *name, Bytes contents) {
  LIBSSH2_SFTP_HANDLE *file = open_file(name, LIBSSH2_FXF_WRITE | LIBSSH2_FXF_CREAT | LIBSSH2_FXF_TRUNC);
  if (file == NULL) return status(-1);
  int result = 0;
  for (size_t at = contents.size; result == 0 && at >= kBlock; at -= kBlock) {
    libssh2_sftp_seek64(file, at - kBlock);
    result = write_from(file, (Bytes){contents.bytes + at - kBlock, kBlock});
  }
  return closed(file, result);
}

static int fetch(const char *name, const char *local_path, int64_t at) {
  LIBSSH2_SFTP_HANDLE *file = open_file(name, LIBSSH2_FXF_READ);
  if (file == NULL) return status(-1);
  FILE *target = fopen(local_path, "ab");
  libssh2_sftp_seek64(file, (libssh2_uint64_t)at);
  static char buffer[128 << 10];
  ssize_t got;
  while ((got = libssh2_sftp_read(file, buffer, sizeof buffer)) > 0) fwrite(buffer, 1, (size_t)got, target);
  return closed(file, fclose(target) == 0 ? status((int)got) : -1);
}

static int stat_it(const char *name, uint64_t *size, uint32_t *mode, uint32_t *time) {
  LIBSSH2_SFTP_ATTRIBUTES found;
  int result = status(libssh2_sftp_stat(sftp, name, &found));
  *size = found.filesize;
  *mode = (uint32_t)found.permissions;
  *time = (uint32_t)found.mtime;
  return result;
}

static int set_size(const char *name, uint64_t size) {
  LIBSSH2_SFTP_ATTRIBUTES wanted = {.flags = LIBSSH2_SFTP_ATTR_SIZE, .filesize = size};
  return status(libssh2_sftp_setstat(sftp, name, &wanted));
}

static int set_mode(const char *name, uint32_t mode) {
  LIBSSH2_SFTP_ATTRIBUTES wanted = {.flags = LIBSSH2_SFTP_ATTR_PERMISSIONS, .permissions = mode};
  return status(libssh2_sftp_setstat(sftp, name, &wanted));
}

static int set_time(const char *name, uint32_t time) {
  LIBSSH2_SFTP_ATTRIBUTES wanted = {.flags = LIBSSH2_SFTP_ATTR_ACMODTIME, .atime = time, .mtime = time};
  return status(libssh2_sftp_setstat(sftp, name, &wanted));
}

static int make_folder(const char *name) {
  return status(libssh2_sftp_mkdir(sftp, name, 0755));
}

static int remove_folder(const char *name) {
  return status(libssh2_sftp_rmdir(sftp, name));
}

static int remove_file(const char *name) {
  return status(libssh2_sftp_unlink(sftp, name));
}

static int rename_it(const char *from, const char *to) {
  return status(libssh2_sftp_rename_ex(sftp, from, (unsigned)strlen(from), to, (unsigned)strlen(to), LIBSSH2_SFTP_RENAME_NATIVE));
}

static int list(const char *folder, void (*each)(const char *, int, void *), void *more) {
  LIBSSH2_SFTP_HANDLE *opened = libssh2_sftp_opendir(sftp, folder);
  if (opened == NULL) return status(-1);
  char name[512];
  LIBSSH2_SFTP_ATTRIBUTES found;
  int got;
  while ((got = libssh2_sftp_readdir(opened, name, sizeof name, &found)) > 0)
    if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) each(name, LIBSSH2_SFTP_S_ISDIR(found.permissions), more);
  return closed(opened, status(got));
}

static int free_space(const char *name, uint64_t *bytes) {
  LIBSSH2_SFTP_STATVFS found;
  int result = status(libssh2_sftp_statvfs(sftp, name, strlen(name), &found));
  *bytes = result == 0 ? found.f_bavail * found.f_frsize : 0;
  return result;
}

static int symlink_it(const char *target, const char *name) {
  return status(libssh2_sftp_symlink(sftp, target, (char *)name));
}

static int where(char *path, size_t size) {
  int got = libssh2_sftp_realpath(sftp, ".", path, (unsigned)size);
  return got > 0 ? 0 : status(got);
}

static int password(char *path, size_t size) {
  LIBSSH2_SESSION *other = connect_session(1);
  LIBSSH2_SFTP *files = libssh2_sftp_init(other);
  int got = files != NULL ? libssh2_sftp_realpath(files, ".", path, (unsigned)size) : -1;
  libssh2_sftp_shutdown(files);
  libssh2_session_disconnect(other, "done");
  return got > 0 ? 0 : -1;
}

int main(void) {
  libssh2_init(0);
  session = connect_session(0);
  sftp = libssh2_sftp_init(session);
  if (sftp == NULL) die("no SFTP");
  tell(&(Library){.write = write_at, .append = append, .write_backwards = write_backwards, .fetch = fetch, .stat = stat_it,
                  .set_size = set_size, .set_mode = set_mode, .set_time = set_time, .make_folder = make_folder,
                  .remove_folder = remove_folder, .remove_file = remove_file, .rename = rename_it, .posix_rename = NULL,
                  .list = list, .free_space = free_space, .symlink = symlink_it, .where = where, .password = password});
  libssh2_sftp_shutdown(sftp);
  libssh2_session_disconnect(session, "done");
  return 0;
}

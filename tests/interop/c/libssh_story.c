/* libssh, which KDE, GNOME's relatives and many others use. What the steps are: scene.py. */
#include <fcntl.h>
#include <libssh/libssh.h>
#include <libssh/sftp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>

#include "story.h"

enum { kPacket = 32000 };

static ssh_session session;
static sftp_session sftp;

static void die(const char *what, ssh_session of) {
  fprintf(stderr, "%s: %s\n", what, of != NULL ? ssh_get_error(of) : "");
  exit(1);
}

static ssh_session connect_session(int with_password) {
  ssh_session made = ssh_new();
  int port = atoi(variable("PORT"));
  ssh_options_set(made, SSH_OPTIONS_HOST, "127.0.0.1");
  ssh_options_set(made, SSH_OPTIONS_PORT, &port);
  ssh_options_set(made, SSH_OPTIONS_USER, variable("USER"));
  int no = 0;
  ssh_options_set(made, SSH_OPTIONS_PROCESS_CONFIG, &no);
  if (ssh_connect(made) != SSH_OK) die("cannot connect", made);
  int answer;
  if (with_password) {
    answer = ssh_userauth_password(made, NULL, variable("PASSWORD"));
  } else {
    ssh_key key;
    if (ssh_pki_import_privkey_file(variable("KEY"), NULL, NULL, NULL, &key) != SSH_OK) die("no key", NULL);
    answer = ssh_userauth_publickey(made, NULL, key);
  }
  if (answer != SSH_AUTH_SUCCESS) die("the log-in was refused", made);
  return made;
}

static sftp_session open_sftp(ssh_session of) {
  sftp_session made = sftp_new(of);
  if (made == NULL || sftp_init(made) != SSH_OK) die("no SFTP", of);
  return made;
}

/* 0, the status that the server gave, or -1. */
static int status(int result) {
  if (result >= 0) return 0;
  int said = sftp_get_error(sftp);
  return said > 0 ? said : -1;
}

static int write_from(sftp_file file, Bytes contents) {
  while (contents.size > 0) {
    ssize_t sent = sftp_write(file, contents.bytes, contents.size < kPacket ? contents.size : kPacket);
    if (sent < 0) return status(-1);
    contents.bytes += sent;
    contents.size -= (size_t)sent;
  }
  return 0;
}

static int closed(sftp_file file, int result) {
  int last = status(sftp_close(file));
  return result != 0 ? result : last;
}

static int write_at(const char *name, Bytes contents, int64_t at) {
  sftp_file file = sftp_open(sftp, name, O_WRONLY | (at < 0 ? O_CREAT | O_TRUNC : 0), 0644);
  if (file == NULL) return status(-1);
  if (at > 0) sftp_seek64(file, (uint64_t)at);
  return closed(file, write_from(file, contents));
}

static int append(const char *name, Bytes contents) {
  sftp_file file = sftp_open(sftp, name, O_WRONLY | O_APPEND, 0644);
  if (file == NULL) return status(-1);
  return closed(file, write_from(file, contents));
}

static int write_backwards(const char *name, Bytes contents) {
  sftp_file file = sftp_open(sftp, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file == NULL) return status(-1);
  int result = 0;
  for (size_t at = contents.size; result == 0 && at >= kBlock; at -= kBlock) {
    sftp_seek64(file, at - kBlock);
    result = write_from(file, (Bytes){contents.bytes + at - kBlock, kBlock});
  }
  return closed(file, result);
}

static int fetch(const char *name, const char *local_path, int64_t at) {
  sftp_file file = sftp_open(sftp, name, O_RDONLY, 0);
  if (file == NULL) return status(-1);
  FILE *target = fopen(local_path, "ab");
  sftp_seek64(file, (uint64_t)at);
  static char buffer[128 << 10];
  ssize_t got;
  while ((got = sftp_read(file, buffer, sizeof buffer)) > 0) fwrite(buffer, 1, (size_t)got, target);
  return closed(file, fclose(target) == 0 ? status((int)got) : -1);
}

static int stat_it(const char *name, uint64_t *size, uint32_t *mode, uint32_t *time) {
  sftp_attributes found = sftp_stat(sftp, name);
  if (found == NULL) return status(-1);
  *size = found->size;
  *mode = found->permissions;
  *time = found->mtime;
  sftp_attributes_free(found);
  return 0;
}

static int set_size(const char *name, uint64_t size) {
  struct sftp_attributes_struct wanted = {.flags = SSH_FILEXFER_ATTR_SIZE, .size = size};
  return status(sftp_setstat(sftp, name, &wanted));
}

static int set_mode(const char *name, uint32_t mode) {
  return status(sftp_chmod(sftp, name, (mode_t)mode));
}

static int set_time(const char *name, uint32_t time) {
  struct timeval both[2] = {{(time_t)time, 0}, {(time_t)time, 0}};
  return status(sftp_utimes(sftp, name, both));
}

static int make_folder(const char *name) {
  return status(sftp_mkdir(sftp, name, 0755));
}

static int remove_folder(const char *name) {
  return status(sftp_rmdir(sftp, name));
}

static int remove_file(const char *name) {
  return status(sftp_unlink(sftp, name));
}

static int rename_it(const char *from, const char *to) {
  return status(sftp_rename(sftp, from, to));
}

static int list(const char *folder, void (*each)(const char *, int, void *), void *more) {
  sftp_dir opened = sftp_opendir(sftp, folder);
  if (opened == NULL) return status(-1);
  sftp_attributes found;
  while ((found = sftp_readdir(sftp, opened)) != NULL) {
    if (strcmp(found->name, ".") != 0 && strcmp(found->name, "..") != 0)
      each(found->name, found->type == SSH_FILEXFER_TYPE_DIRECTORY, more);
    sftp_attributes_free(found);
  }
  int at_end = sftp_dir_eof(opened);
  int result = status(sftp_closedir(opened));
  return at_end ? result : -1;
}

static int free_space(const char *name, uint64_t *bytes) {
  sftp_statvfs_t found = sftp_statvfs(sftp, name);
  if (found == NULL) return status(-1);
  *bytes = found->f_bavail * found->f_frsize;
  sftp_statvfs_free(found);
  return 0;
}

static int symlink_it(const char *target, const char *name) {
  return status(sftp_symlink(sftp, target, name));
}

static int path_of(sftp_session of, char *path, size_t size) {
  char *found = sftp_canonicalize_path(of, ".");
  if (found == NULL) return -1;
  snprintf(path, size, "%s", found);
  ssh_string_free_char(found);
  return 0;
}

static int where(char *path, size_t size) {
  return path_of(sftp, path, size);
}

static int password(char *path, size_t size) {
  ssh_session other = connect_session(1);
  sftp_session files = open_sftp(other);
  int result = path_of(files, path, size);
  sftp_free(files);
  ssh_disconnect(other);
  ssh_free(other);
  return result;
}

int main(void) {
  session = connect_session(0);
  sftp = open_sftp(session);
  tell(&(Library){.write = write_at, .append = append, .write_backwards = write_backwards, .fetch = fetch, .stat = stat_it,
                  .set_size = set_size, .set_mode = set_mode, .set_time = set_time, .make_folder = make_folder,
                  .remove_folder = remove_folder, .remove_file = remove_file, .rename = rename_it, .posix_rename = NULL,
                  .list = list, .free_space = free_space, .symlink = symlink_it, .where = where, .password = password});
  sftp_free(sftp);
  ssh_disconnect(session);
  ssh_free(session);
  return 0;
}

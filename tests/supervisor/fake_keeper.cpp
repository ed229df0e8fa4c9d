// Stands in for the keeper: lives until the vault closes their socket.
#include <unistd.h>

int main() {
  char byte;
  while (::read(3, &byte, 1) > 0)
    continue;
  return 0;
}

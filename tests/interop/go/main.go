// Go's x/crypto/ssh with pkg/sftp. What the steps are: scene.py.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/text/unicode/norm"
)

const (
	block       = 256 << 10
	cutBytes    = 5000
	patchAt     = 100_000
	dated       = 1_000_000_000
	many        = 300
	unicodeName = "Grüße 表 🎉.txt"
)

var (
	user     = os.Getenv("INTEROP_USER")
	longName = strings.Repeat("n", 251) + ".txt"
	client   *sftp.Client
)

func here(names ...string) string {
	return filepath.Join(append([]string{os.Getenv("INTEROP_HERE")}, names...)...)
}

// Errors end a step; main turns them into its line.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func need[T any](value T, err error) T {
	must(err)
	return value
}

func expect(held bool, what string, found ...any) {
	if !held {
		panic(fmt.Errorf("%s %v", what, found))
	}
}

func read(name string) []byte { return need(os.ReadFile(here(name))) }

func write(name string, contents []byte) {
	file := need(client.Create(name))
	_, err := file.ReadFrom(bytes.NewReader(contents))
	must(errors.Join(err, file.Close()))
}

func fetch(name, to string) {
	source := need(client.Open(name))
	defer source.Close()
	target := need(os.Create(to))
	_, err := source.WriteTo(target)
	must(errors.Join(err, target.Close()))
}

func connect(method ssh.AuthMethod) *ssh.Client {
	return need(ssh.Dial("tcp", "127.0.0.1:"+os.Getenv("INTEROP_PORT"), &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{method}, HostKeyCallback: ssh.InsecureIgnoreHostKey()}))
}

func password() {
	connection := connect(ssh.Password(os.Getenv("INTEROP_PASSWORD")))
	defer connection.Close()
	at := need(need(sftp.NewClient(connection)).Getwd())
	expect(at == "/home/"+user, "it is at", at)
}

func put() {
	for _, name := range []string{"large", "small", "empty"} {
		write(name, read(name))
		size := need(client.Stat(name)).Size()
		expect(size == int64(len(read(name))), "its size is", size)
	}
}

func get() {
	for _, name := range []string{"large", "small", "empty"} {
		fetch(name, here("back", name))
	}
}

func resumePut() {
	large := read("large")
	write("resumed", large[:len(large)/3])
	at := need(client.Stat("resumed")).Size()
	file := need(client.OpenFile("resumed", os.O_WRONLY))
	need(file.Seek(at, io.SeekStart))
	need(file.Write(large[at:]))
	must(file.Close())
}

func resumeGet() {
	part := need(os.OpenFile(here("back", "resumed"), os.O_WRONLY, 0))
	at := need(part.Seek(0, io.SeekEnd))
	source := need(client.Open("large"))
	defer source.Close()
	need(source.Seek(at, io.SeekStart))
	need(io.Copy(part, source))
	must(part.Close())
}

func appendTo() {
	write("appended", read("small"))
	file := need(client.OpenFile("appended", os.O_WRONLY|os.O_APPEND))
	need(file.Write(read("changed")))
	must(file.Close())
}

func outOfOrder() {
	large := read("large")
	file := need(client.Create("scattered"))
	for at := len(large) - block; at >= 0; at -= block {
		need(file.WriteAt(large[at:at+block], int64(at)))
	}
	must(file.Close())
}

func overwrite() {
	write("patched", read("large"))
	file := need(client.OpenFile("patched", os.O_RDWR))
	need(file.WriteAt(read("small"), patchAt))
	must(file.Close())
}

func truncate() {
	write("cut", read("large"))
	must(client.Truncate("cut", cutBytes))
}

func rename() {
	write("renaming", read("small"))
	expect(client.Rename("renaming", "large") != nil, "renaming over a file was not refused")
	must(client.Rename("renaming", "renamed"))
}

func renameOver() {
	write("target", read("small"))
	write("target.filepart", read("changed"))
	must(client.PosixRename("target.filepart", "target"))
}

func recursive() {
	must(filepath.WalkDir(here("tree"), func(local string, entry fs.DirEntry, err error) error {
		must(err)
		name := need(filepath.Rel(here(), local))
		if entry.IsDir() {
			return client.MkdirAll(name)
		}
		write(name, need(os.ReadFile(local)))
		return nil
	}))
	for walker := client.Walk("tree"); walker.Step(); {
		must(walker.Err())
		if to := here("back", walker.Path()); walker.Stat().IsDir() {
			must(os.MkdirAll(to, 0o755))
		} else {
			fetch(walker.Path(), to)
		}
	}
}

func glob() {
	for _, name := range []string{"glob-a.txt", "glob-b.txt", "glob-c.dat"} {
		write(name, read("small"))
	}
	must(os.Mkdir(here("back", "globbed"), 0o755))
	for _, name := range need(client.Glob("glob-*.txt")) {
		fetch(name, here("back", "globbed", path.Base(name)))
	}
}

func unicodeNames() {
	other := norm.NFD.String(unicodeName)
	write(unicodeName, read("small"))
	write(other, read("changed"))
	listed := map[string]bool{}
	for _, entry := range need(client.ReadDir(".")) {
		listed[entry.Name()] = true
	}
	expect(listed[unicodeName] && listed[other], "both are not listed")
}

func longNames() {
	write(longName, read("small"))
	_, err := client.Create(longName + "n")
	expect(err != nil, "a name of 256 bytes was not refused")
}

func times() {
	write("dated", read("small"))
	must(client.Chtimes("dated", time.Unix(dated, 0), time.Unix(dated, 0)))
	at := need(client.Stat("dated")).ModTime().Unix()
	expect(at == dated, "its time is", at)
}

func permissions() {
	write("moded", read("small"))
	must(client.Chmod("moded", 0o640))
	mode := need(client.Stat("moded")).Mode().Perm()
	expect(mode == 0o640, "its permissions are", mode)
}

func manyFiles() {
	must(client.Mkdir("many"))
	var all sync.WaitGroup
	failures := make(chan error, many)
	atOnce := make(chan struct{}, 64) // the server lets a session hold 256 open files
	for number := range many {
		all.Add(1)
		atOnce <- struct{}{}
		go func() {
			defer all.Done()
			defer func() { <-atOnce }()
			file, err := client.Create(fmt.Sprintf("many/%d", number))
			if err == nil {
				err = file.Close()
			}
			failures <- err
		}()
	}
	all.Wait()
	for range many {
		must(<-failures)
	}
	expect(len(need(client.ReadDir("many"))) == many, "another number is listed")
}

func space() {
	expect(need(client.StatVFS(".")).FreeSpace() > 0, "nothing is free")
}

func links() {
	expect(client.Symlink("large", "link") != nil, "a symbolic link was not refused")
	expect(client.Link("large", "link") != nil, "a hard link was not refused")
	need(client.Getwd())
}

func refusals() {
	_, statErr := client.Stat("missing")
	_, openErr := client.Open("missing")
	_, listErr := client.ReadDir("missing")
	for _, err := range []error{statErr, openErr, listErr, client.Remove("missing")} {
		expect(errors.Is(err, os.ErrNotExist), "what is missing gives", err)
	}
	must(client.Mkdir("full"))
	write("full/file", nil)
	_, createErr := client.Create("full")
	for _, err := range []error{client.Mkdir("full"), client.RemoveDirectory("full"), createErr} {
		expect(err != nil, "this was not refused")
	}
}

func remove() {
	write("removed", read("small"))
	must(client.Remove("removed"))
	must(client.Mkdir("removed-folder"))
	must(client.RemoveDirectory("removed-folder"))
}

var story = []struct {
	name string
	take func()
}{
	{"password", password}, {"put", put}, {"get", get}, {"resume-put", resumePut}, {"resume-get", resumeGet},
	{"append", appendTo}, {"out-of-order", outOfOrder}, {"overwrite", overwrite}, {"truncate", truncate},
	{"rename", rename}, {"rename-over", renameOver}, {"recursive", recursive}, {"glob", glob},
	{"unicode", unicodeNames}, {"long-name", longNames}, {"times", times}, {"permissions", permissions},
	{"many", manyFiles}, {"space", space}, {"links", links}, {"errors", refusals}, {"remove", remove},
}

func take(name string, step func()) {
	defer func() {
		if why := recover(); why != nil {
			fmt.Printf("failed %s: %v\n", name, why)
		}
	}()
	step()
	fmt.Println("ok", name)
}

func main() {
	key := need(ssh.ParsePrivateKey(need(os.ReadFile(os.Getenv("INTEROP_KEY")))))
	connection := connect(ssh.PublicKeys(key))
	defer connection.Close()
	client = need(sftp.NewClient(connection, sftp.UseConcurrentWrites(true)))
	for _, each := range story {
		take(each.name, each.take)
	}
}

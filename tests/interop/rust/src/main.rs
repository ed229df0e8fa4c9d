//! russh with russh-sftp. What the steps are: scene.py.
use std::{env, fs, future::Future, path::Path, path::PathBuf, sync::Arc};

use russh::{client, keys};
use russh_sftp::client::{error::Error as SftpError, fs::File, SftpSession};
use russh_sftp::protocol::{FileAttributes, OpenFlags, StatusCode};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, SeekFrom};

const BLOCK: usize = 256 << 10;
const CUT: u64 = 5000;
const PATCH_AT: u64 = 100_000;
const DATED: u32 = 1_000_000_000;
const MODE: u32 = 0o640;
const MANY: usize = 300;
const COMPOSED: &str = "Gr\u{fc}\u{df}e \u{8868} \u{1f389}.txt";
const DECOMPOSED: &str = "Gru\u{308}\u{df}e \u{8868} \u{1f389}.txt";

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Done = Result<(), Failure>;

struct AnyServer;

impl client::Handler for AnyServer {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _: &keys::PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        Ok(true)
    }
}

fn variable(name: &str) -> String {
    env::var(format!("INTEROP_{name}")).unwrap_or_else(|_| panic!("INTEROP_{name} is not set"))
}

fn here(name: &str) -> PathBuf {
    Path::new(&variable("HERE")).join(name)
}

fn read(name: &str) -> Result<Vec<u8>, Failure> {
    Ok(fs::read(here(name))?)
}

fn expect(held: bool, what: &str) -> Done {
    if held { Ok(()) } else { Err(what.into()) }
}

fn refused<T>(result: Result<T, SftpError>) -> Done {
    expect(matches!(result, Err(SftpError::Status(_))), "this was not refused with a status")
}

fn missing<T>(result: Result<T, SftpError>) -> Done {
    match result {
        Err(SftpError::Status(status)) if status.status_code == StatusCode::NoSuchFile => Ok(()),
        Err(other) => Err(format!("what is missing gives {other}").into()),
        Ok(_) => Err("what is missing was found".into()),
    }
}

async fn connect(with_password: bool) -> Result<(client::Handle<AnyServer>, SftpSession), Failure> {
    let address = ("127.0.0.1", variable("PORT").parse()?);
    let mut session = client::connect(Arc::new(client::Config::default()), address, AnyServer).await?;
    let answer = if with_password {
        session.authenticate_password(variable("USER"), variable("PASSWORD")).await?
    } else {
        let key = keys::PrivateKeyWithHashAlg::new(Arc::new(keys::load_secret_key(variable("KEY"), None)?), None);
        session.authenticate_publickey(variable("USER"), key).await?
    };
    expect(answer.success(), "the log-in was refused")?;
    let channel = session.channel_open_session().await?;
    channel.request_subsystem(true, "sftp").await?;
    Ok((session, SftpSession::new(channel.into_stream()).await?))
}

struct Story(SftpSession);

impl Story {
    async fn write(&self, name: &str, contents: &[u8]) -> Done {
        write_all(self.0.create(name).await?, contents).await
    }

    async fn open(&self, name: &str, flags: OpenFlags) -> Result<File, Failure> {
        Ok(self.0.open_with_flags(name, flags).await?)
    }

    async fn size(&self, name: &str) -> Result<u64, Failure> {
        Ok(self.0.metadata(name).await?.size.unwrap_or(0))
    }

    async fn password(&self) -> Done {
        let (_session, sftp) = connect(true).await?;
        expect(sftp.canonicalize(".").await? == format!("/home/{}", variable("USER")), "it is somewhere else")
    }

    async fn put(&self) -> Done {
        for name in ["large", "small", "empty"] {
            self.write(name, &read(name)?).await?;
            expect(self.size(name).await? == read(name)?.len() as u64, "its size differs")?;
        }
        Ok(())
    }

    async fn get(&self) -> Done {
        for name in ["large", "small", "empty"] {
            fs::write(here("back").join(name), self.0.read(name).await?)?;
        }
        Ok(())
    }

    async fn resume_put(&self) -> Done {
        let large = read("large")?;
        self.write("resumed", &large[..large.len() / 3]).await?;
        let at = self.size("resumed").await?;
        let mut file = self.open("resumed", OpenFlags::WRITE).await?;
        file.seek(SeekFrom::Start(at)).await?;
        write_all(file, &large[at as usize..]).await
    }

    async fn resume_get(&self) -> Done {
        let mut part = read("back/resumed")?;
        let mut file = self.0.open("large").await?;
        file.seek(SeekFrom::Start(part.len() as u64)).await?;
        file.read_to_end(&mut part).await?;
        Ok(fs::write(here("back/resumed"), part)?)
    }

    async fn append(&self) -> Done {
        self.write("appended", &read("small")?).await?;
        write_all(self.open("appended", OpenFlags::WRITE | OpenFlags::APPEND).await?, &read("changed")?).await
    }

    async fn out_of_order(&self) -> Done {
        let large = read("large")?;
        let mut file = self.0.create("scattered").await?;
        for at in (0..large.len()).step_by(BLOCK).rev() {
            file.seek(SeekFrom::Start(at as u64)).await?;
            file.write_all(&large[at..at + BLOCK]).await?;
            file.flush().await?;
        }
        Ok(file.close().await?)
    }

    async fn overwrite(&self) -> Done {
        self.write("patched", &read("large")?).await?;
        let mut file = self.open("patched", OpenFlags::READ | OpenFlags::WRITE).await?;
        file.seek(SeekFrom::Start(PATCH_AT)).await?;
        write_all(file, &read("small")?).await
    }

    async fn truncate(&self) -> Done {
        self.write("cut", &read("large")?).await?;
        Ok(self.0.set_metadata("cut", FileAttributes { size: Some(CUT), ..FileAttributes::empty() }).await?)
    }

    async fn rename(&self) -> Done {
        self.write("renaming", &read("small")?).await?;
        refused(self.0.rename("renaming", "large").await)?;
        Ok(self.0.rename("renaming", "renamed").await?)
    }

    async fn recursive(&self) -> Done {
        let mut folders = vec!["tree".to_string()];
        while let Some(folder) = folders.pop() {
            self.0.create_dir(&folder).await?;
            for entry in fs::read_dir(here(&folder))? {
                let entry = entry?;
                let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
                if entry.file_type()?.is_dir() {
                    folders.push(name);
                } else {
                    self.write(&name, &read(&name)?).await?;
                }
            }
        }
        folders.push("tree".to_string());
        while let Some(folder) = folders.pop() {
            fs::create_dir(here("back").join(&folder))?;
            for entry in self.0.read_dir(&folder).await? {
                if entry.file_type().is_dir() {
                    folders.push(entry.path());
                } else {
                    fs::write(here("back").join(entry.path()), self.0.read(entry.path()).await?)?;
                }
            }
        }
        Ok(())
    }

    async fn glob(&self) -> Done {
        for name in ["glob-a.txt", "glob-b.txt", "glob-c.dat"] {
            self.write(name, &read("small")?).await?;
        }
        fs::create_dir(here("back/globbed"))?;
        for name in self.0.read_dir(".").await?.map(|entry| entry.file_name()) {
            if name.starts_with("glob-") && name.ends_with(".txt") {
                fs::write(here("back/globbed").join(&name), self.0.read(&name).await?)?;
            }
        }
        Ok(())
    }

    async fn unicode(&self) -> Done {
        self.write(COMPOSED, &read("small")?).await?;
        self.write(DECOMPOSED, &read("changed")?).await?;
        let listed: Vec<_> = self.0.read_dir(".").await?.map(|entry| entry.file_name()).collect();
        expect([COMPOSED, DECOMPOSED].iter().all(|name| listed.iter().any(|each| each == name)), "both are not listed")
    }

    async fn long_name(&self) -> Done {
        let name = "n".repeat(251) + ".txt";
        self.write(&name, &read("small")?).await?;
        refused(self.0.create(name + "n").await)
    }

    async fn times(&self) -> Done {
        self.write("dated", &read("small")?).await?;
        let set = FileAttributes { atime: Some(DATED), mtime: Some(DATED), ..FileAttributes::empty() };
        self.0.set_metadata("dated", set).await?;
        expect(self.0.metadata("dated").await?.mtime == Some(DATED), "its time differs")
    }

    async fn permissions(&self) -> Done {
        self.write("moded", &read("small")?).await?;
        let set = FileAttributes { permissions: Some(MODE), ..FileAttributes::empty() };
        self.0.set_metadata("moded", set).await?;
        let found = self.0.metadata("moded").await?.permissions.unwrap_or(0) & 0o777;
        expect(found == MODE, "its permissions differ")
    }

    async fn many(&self) -> Done {
        self.0.create_dir("many").await?;
        for number in 0..MANY {
            self.write(&format!("many/{number}"), b"").await?;
        }
        expect(self.0.read_dir("many").await?.count() == MANY, "another number is listed")
    }

    async fn space(&self) -> Done {
        let info = self.0.fs_info(".").await?.ok_or("the server does not offer it")?;
        expect(info.blocks_avail > 0, "nothing is free")
    }

    async fn links(&self) -> Done {
        refused(self.0.symlink("link", "large").await)?;
        // Where the server does not offer hard links, the library says so instead of asking.
        expect(!matches!(self.0.hardlink("large", "link").await, Ok(true)), "a hard link was not refused")?;
        self.0.canonicalize(".").await.map(|_| ()).map_err(Into::into)
    }

    async fn errors(&self) -> Done {
        missing(self.0.metadata("missing").await)?;
        missing(self.0.open("missing").await)?;
        missing(self.0.remove_file("missing").await)?;
        missing(self.0.read_dir("missing").await)?;
        self.0.create_dir("full").await?;
        self.write("full/file", b"").await?;
        refused(self.0.create_dir("full").await)?;
        refused(self.0.remove_dir("full").await)?;
        refused(self.0.remove_file("full").await)?;
        refused(self.0.create("full").await)
    }

    async fn remove(&self) -> Done {
        self.write("removed", &read("small")?).await?;
        self.0.remove_file("removed").await?;
        self.0.create_dir("removed-folder").await?;
        Ok(self.0.remove_dir("removed-folder").await?)
    }
}

async fn write_all(mut file: File, contents: &[u8]) -> Done {
    file.write_all(contents).await?;
    Ok(file.close().await?)
}

async fn say(step: &str, done: impl Future<Output = Done>) {
    match done.await {
        Ok(()) => println!("ok {step}"),
        Err(why) => println!("failed {step}: {}", why.to_string().replace('\n', " ")),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done {
    let (_session, sftp) = connect(false).await?;
    let story = Story(sftp);
    say("password", story.password()).await;
    say("put", story.put()).await;
    say("get", story.get()).await;
    say("resume-put", story.resume_put()).await;
    say("resume-get", story.resume_get()).await;
    say("append", story.append()).await;
    say("out-of-order", story.out_of_order()).await;
    say("overwrite", story.overwrite()).await;
    say("truncate", story.truncate()).await;
    say("rename", story.rename()).await;
    println!("absent rename-over: russh-sftp has no posix-rename");
    say("recursive", story.recursive()).await;
    say("glob", story.glob()).await;
    say("unicode", story.unicode()).await;
    say("long-name", story.long_name()).await;
    say("times", story.times()).await;
    say("permissions", story.permissions()).await;
    say("many", story.many()).await;
    say("space", story.space()).await;
    say("links", story.links()).await;
    say("errors", story.errors()).await;
    say("remove", story.remove()).await;
    Ok(())
}

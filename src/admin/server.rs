//! The socket of a running bot.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

use tokio::{
    net::{UnixListener, UnixStream},
    runtime::Handle,
    sync::Semaphore,
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use super::{Desk, Hello, Place, Told, What, Wish, line, peer::Peer};

/// A request is a few words; a name of a task has 100 characters at most.
const LONGEST: u64 = 64 * 1024;
/// Whoever asks sends at once.
const SENDING: Duration = Duration::from_secs(5);
/// Loading a module and ending the runs of a family take a while.
pub(super) const WORKING: Duration = Duration::from_secs(120);
const READING: Duration = Duration::from_secs(15);
/// Requests that are answered at once; others wait their turn.
const AT_ONCE: usize = 16;
/// After the system could not give another connection.
const PAUSE: Duration = Duration::from_millis(100);

/// A socket that answers. Dropping it leaves the file behind, as a crash does.
pub(crate) struct Server {
    path: PathBuf,
    /// Of the file that is ours.
    inode: u64,
    desk: Arc<OnceLock<Desk>>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Server {
    /// Begins to answer on `runtime`. To be called by the owner of the database alone: what stands at the place is
    /// left over from a process that has died, and is replaced.
    ///
    /// # Errors
    /// The socket cannot be made.
    pub(crate) fn start(place: &Place, hello: Hello, runtime: &Handle) -> io::Result<Self> {
        place.prepare()?;
        let path = place.path().to_owned();
        let _entered = runtime.enter();
        let listener = bind(&path)?;
        let inode = fs::metadata(&path)?.ino();
        info!(
            "`cogsmith task` and `cogsmith module` are answered at {}",
            path.display()
        );
        let (desk, stop) = (Arc::<OnceLock<Desk>>::default(), CancellationToken::new());
        let room = Room {
            desk: Arc::clone(&desk),
            hello,
            owner: rustix::process::geteuid().as_raw(),
        };
        let serving = tokio::spawn(serve(listener, Arc::new(room), stop.clone()));
        Ok(Self {
            path,
            inode,
            desk,
            stop,
            serving,
        })
    }

    /// From now on tasks and modules are answered for.
    pub(crate) fn open(&self, desk: Desk) {
        // Opened once, at boot.
        let _ = self.desk.set(desk);
    }

    /// Takes no more requests and removes the socket; to be called while the database is still owned.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.serving.await {
            error!("the admin socket failed: {error}");
        }
        let is_ours = fs::metadata(&self.path).is_ok_and(|found| found.ino() == self.inode);
        if is_ours && let Err(error) = fs::remove_file(&self.path) {
            warn!("removing {}: {error}", self.path.display());
        }
    }
}

/// A socket that nobody else may use from its first moment on: it is made in a folder of its own, and moved.
fn bind(path: &Path) -> io::Result<UnixListener> {
    let mut folder = path.as_os_str().to_owned();
    folder.push(".d");
    let folder = PathBuf::from(folder);
    let new = folder.join("s");
    // Left over from a process that died at this very point.
    let _ = fs::remove_file(&new);
    let _ = fs::remove_dir(&folder);
    fs::DirBuilder::new().mode(0o700).create(&folder)?;
    let bound = UnixListener::bind(&new).and_then(|listener| {
        fs::set_permissions(&new, fs::Permissions::from_mode(0o600))?;
        fs::rename(&new, path)?;
        Ok(listener)
    });
    let _ = fs::remove_file(&new);
    fs::remove_dir(&folder)?;
    bound
}

/// Who answers.
struct Room {
    desk: Arc<OnceLock<Desk>>,
    hello: Hello,
    owner: u32,
}

async fn serve(listener: UnixListener, room: Arc<Room>, stop: CancellationToken) {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let accept = async {
        loop {
            let Ok(turn) = Arc::clone(&turns).acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let room = Arc::clone(&room);
                    tokio::spawn(async move {
                        room.carry(stream).await;
                        drop(turn);
                    });
                }
                Err(error) => {
                    warn!("the admin socket takes no connection: {error}");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    };
    stop.run_until_cancelled(accept).await;
}

impl Room {
    /// One request and its answer.
    async fn carry(&self, mut stream: UnixStream) {
        let exchanged = async {
            let told = self.told(&mut stream).await?;
            line::write(&mut stream, &told, READING).await
        };
        if let Err(error) = exchanged.await {
            debug!("a request from a shell came to nothing: {error}");
        }
    }

    async fn told(&self, stream: &mut UnixStream) -> io::Result<Told> {
        let peer = Peer::of(stream)?;
        // Read in any case: whoever is hung up on while writing does not learn why.
        let wish = line::read(stream, LONGEST, SENDING).await;
        if !peer.may_ask(self.owner) {
            warn!("{peer} has asked at the admin socket and was refused");
            return Ok(Told::Refused(
                "Only the user that the bot runs as may ask it.".to_owned(),
            ));
        }
        match wish {
            Ok(wish) => Ok(self.answer(wish, peer).await),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Ok(Told::Failed(format!("this is no request: {error}")))
            }
            Err(error) => Err(error),
        }
    }

    async fn answer(&self, wish: Wish, peer: Peer) -> Told {
        if wish.what == What::Hello {
            return Told::Hello(self.hello.clone());
        }
        let Some(desk) = self.desk.get() else {
            return Told::Refused("The bot is starting. Ask again in a moment.".to_owned());
        };
        let answered = timeout(WORKING, desk.answer(&wish, peer.uid())).await;
        answered.unwrap_or_else(|_| {
            let seconds = WORKING.as_secs();
            Told::Failed(format!(
                "not answered within {seconds} s; the bot goes on with it or not, look again"
            ))
        })
    }
}

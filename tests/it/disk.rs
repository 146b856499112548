//! A disk that is full for a while, and other failures on which SQLite rolls back by itself.

use std::{fs, io::Write, path::PathBuf};

use cogsmith::{config::DatabaseUrl, store::Db, testing::Database};
use cogsmith_simulator::Simulator;
use tokio::process::Command;

use crate::{
    crash::messages_counted,
    process::{Bot, Folder, limit, output, until_written},
    tasks::victim::Victim,
};

/// A folder whose disk can be filled for one process.
enum Disk {
    /// The process may write to no file at all.
    Limited(Folder),
    /// A file system of its own, with a file that takes the room.
    Small(Folder),
}

impl Disk {
    /// A small file system is there only where one may be mounted.
    async fn each() -> Vec<Self> {
        let small = Folder::new();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=16m", "cogsmith-test"]);
        let mounted = output(mount.arg(small.path())).await;
        let small = mounted.status.success().then_some(Self::Small(small));
        std::iter::once(Self::Limited(Folder::new()))
            .chain(small)
            .collect()
    }

    fn database(&self) -> PathBuf {
        let (Self::Limited(folder) | Self::Small(folder)) = self;
        folder.database()
    }

    fn ballast(folder: &Folder) -> PathBuf {
        folder.path().join("ballast")
    }

    /// Fills it, and says what SQLite calls that.
    async fn fill(&self, process: u32) -> &'static str {
        match self {
            Self::Limited(_) => {
                limit(process, "fsize", "0").await;
                "disk I/O error"
            }
            Self::Small(folder) => {
                let mut file = fs::File::create(Self::ballast(folder)).unwrap();
                while file.write_all(&[1; 4_096]).is_ok() {}
                "database or disk is full"
            }
        }
    }

    async fn free(&self, process: u32) {
        match self {
            Self::Limited(_) => limit(process, "fsize", "unlimited").await,
            Self::Small(folder) => fs::remove_file(Self::ballast(folder)).unwrap(),
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Self::Small(folder) = self {
            let unmounted = std::process::Command::new("umount")
                .arg("--lazy")
                .arg(folder.path())
                .status();
            assert!(unmounted.unwrap().success());
        }
    }
}

/// Writes transactions until they are refused, and again when they no longer should be.
async fn check(statement: &str, limited: (&str, impl AsyncFn(u32) -> String), refusal: &str) {
    let database = Database::sqlite();
    let mut victim = Victim::write(statement, &database);
    victim.until_said("wrote").await;
    let (what, bound) = limited;
    limit(victim.id(), what, &bound(victim.id()).await).await;
    for _ in 0..3 {
        let refused = victim.until_said("refused").await;
        assert!(refused.contains(refusal), "{refused}");
    }
    limit(victim.id(), what, "unlimited").await;
    for _ in 0..3 {
        victim.until_said("wrote").await;
    }
    let said = victim.kill().await;
    check_entries(&database, &said).await;
}

/// What was said to be written is there, and nothing of what was said to be refused.
async fn check_entries(database: &Database, said: &[String]) {
    let of = |word: &str| -> Vec<i64> {
        let ids = said.iter().filter_map(|line| line.strip_prefix(word));
        ids.map(|rest| rest.split(' ').next().unwrap().parse().unwrap())
            .collect()
    };
    let db = database.open().await;
    let entries = db.read("select id, count(*) from entry group by id order by id");
    let entries = entries.all::<(i64, i64)>().await.unwrap();
    assert!(entries.iter().all(|(_, parts)| *parts == 2), "{entries:?}");
    let ids: Vec<_> = entries.into_iter().map(|(id, _)| id).collect();
    assert!(of("wrote ").iter().all(|id| ids.contains(id)), "{said:?}");
    assert!(
        !of("refused ").iter().any(|id| ids.contains(id)),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_failed_write_to_the_disk_stops_writes_only_while_it_lasts() {
    let statement = "insert into ballast values (hex(randomblob(20000)))";
    let nothing = async |_| "0".to_owned();
    check(statement, ("fsize", nothing), "disk I/O error").await;
}

#[tokio::test]
async fn want_of_memory_stops_writes_only_while_it_lasts() {
    let statement = "insert into ballast select length(hex(zeroblob(60000000)))";
    let what_it_has = async |process| {
        let sizes = fs::read_to_string(format!("/proc/{process}/statm")).unwrap();
        let pages: u64 = sizes.split(' ').next().unwrap().parse().unwrap();
        (pages * 4_096 + 40_000_000).to_string()
    };
    check(statement, ("as", what_it_has), "out of memory").await;
}

#[tokio::test]
async fn a_full_disk_stops_writes_only_while_it_is_full_and_loses_no_message() {
    for disk in Disk::each().await {
        let simulator = Simulator::builder().start().await.unwrap();
        let ann = simulator.guild("Rustaceans").member("ann");
        let mut bot = Bot::start(&simulator, &disk.database()).await;
        for _ in 0..20 {
            ann.says("while there is room").await;
        }
        assert_eq!(messages_counted(&ann).await, 20);

        let refusal = disk.fill(bot.id()).await;
        for _ in 0..30 {
            ann.says("while there is none").await;
        }
        bot.until_logged_with(refusal).await;
        // What is in memory alone can't be had from Discord again.
        simulator.invalid_session(false);
        simulator
            .until(|simulator| simulator.identifies() == 2)
            .await;
        for _ in 0..50 {
            ann.says("in a new session").await;
        }
        disk.free(bot.id()).await;
        assert_eq!(messages_counted(&ann).await, 100);
        let url = DatabaseUrl::Sqlite(disk.database());
        until_written(&url, 100).await;
        bot.kill().await;

        let db = Db::open(&url).await.unwrap();
        let durable = db.read("select messages from leaderboard_score");
        assert_eq!(durable.one::<(i64,)>().await.unwrap(), (100,));
        db.close().await;
    }
}

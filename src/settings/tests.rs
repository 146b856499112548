use chrono_tz::Tz;
use serenity::model::id::ChannelId;

use super::*;
use crate::testing::Database;

const IS_LOUD: Setting<bool> = Setting::bool("greeter.loud", false, "Whether it shouts");
const LINES: Setting<i64> = Setting::integer("greeter.lines", 1..=25, 10, "Lines of a greeting");
const TEXT: Setting<String> = Setting::text("greeter.text", 20, "Welcome", "What it says");
const PLACE: Setting<Option<ChannelId>> = Setting::channel("greeter.place", "Where it greets");
const PACE: Setting<&str> =
    Setting::choice("greeter.pace", &["slow", "fast"], "slow", "How fast it is");
const ZONE: Setting<Tz> = Setting::zone("greeter.zone", Tz::Europe__Prague, "Whose clock counts");

const GUILD: GuildId = GuildId::new(7);
const OTHER: GuildId = GuildId::new(8);

fn declared() -> Vec<Declared> {
    let declared = [
        Declared::new("greeter", &IS_LOUD),
        Declared::new("greeter", &LINES),
        Declared::new("greeter", &TEXT),
        Declared::new("greeter", &PLACE),
        Declared::new("greeter", &PACE),
        Declared::new("greeter", &ZONE),
    ];
    declared.map(Result::unwrap).into()
}

async fn opened(db: &Db) -> Settings {
    let audit = Audit::of(db).await;
    let settings = Settings::open(db.clone(), audit).await.unwrap();
    settings.declare(declared());
    settings
}

async fn set(settings: &Settings, key: &str, given: &str) -> Result<String> {
    let setting = settings.find(key).unwrap();
    settings.set(GUILD, &setting, given, &By::bot()).await
}

#[tokio::test]
async fn what_a_guild_sets_is_kept_across_a_restart_and_holds_there_alone() {
    for database in Database::each().await {
        let db = database.open().await;
        let settings = opened(&db).await;
        assert_eq!(settings.get(GUILD, &ZONE), Tz::Europe__Prague);
        assert_eq!(settings.get(GUILD, &PLACE), None);
        for (key, given) in [
            ("greeter.loud", "yes"),
            ("greeter.lines", "3"),
            ("greeter.text", "Ahoy"),
            ("greeter.place", "<#42>"),
            ("greeter.pace", "FAST"),
            ("greeter.zone", "asia/tokyo"),
            ("greeter.lines", "4"),
        ] {
            set(&settings, key, given).await.unwrap();
        }
        for settings in [&settings, &opened(&db).await] {
            assert!(settings.get(GUILD, &IS_LOUD));
            assert_eq!(settings.get(GUILD, &LINES), 4);
            assert_eq!(settings.get(GUILD, &TEXT), "Ahoy");
            assert_eq!(settings.get(GUILD, &PLACE), Some(ChannelId::new(42)));
            assert_eq!(settings.get(GUILD, &PACE), "fast");
            assert_eq!(settings.get(GUILD, &ZONE), Tz::Asia__Tokyo);
            assert_eq!(settings.get(OTHER, &LINES), 10);
        }
        let lines = settings.find("greeter.lines").unwrap();
        assert!(settings.reset(GUILD, &lines, &By::bot()).await.unwrap());
        assert!(!settings.reset(GUILD, &lines, &By::bot()).await.unwrap());
        assert_eq!(settings.get(GUILD, &LINES), 10);
        settings.forget(GUILD).await.unwrap();
        assert!(settings.of(GUILD).is_empty());
        assert!(opened(&db).await.of(GUILD).is_empty());
    }
}

#[tokio::test]
async fn a_wrong_value_is_named_with_what_was_expected_and_changes_nothing() {
    let database = Database::sqlite();
    let db = database.open().await;
    let settings = opened(&db).await;
    let error = set(&settings, "greeter.lines", "99").await.unwrap_err();
    assert_eq!(
        error.downcast_ref::<UserError>().unwrap().to_string(),
        "`99` is no value for `greeter.lines`: I expected a whole number from 1 to 25."
    );
    assert!(settings.of(GUILD).is_empty());
}

#[tokio::test]
async fn a_stored_value_that_is_not_accepted_any_more_counts_as_not_set_and_is_kept() {
    let database = Database::sqlite();
    let db = database.open().await;
    let mut transaction = db.begin().await.unwrap();
    for (key, value) in [("greeter.lines", "1000"), ("gone.key", "x")] {
        let written = store::write(&mut transaction, GUILD, key, Some(value));
        written.await.unwrap();
    }
    transaction.commit().await.unwrap();
    let settings = opened(&db).await;
    assert_eq!(settings.get(GUILD, &LINES), 10);
    let lines = settings.find("greeter.lines").unwrap();
    assert_eq!(settings.text(GUILD, &lines), None);
    assert_eq!(settings.of(GUILD).len(), 2);
}

#[test]
fn a_key_of_another_module_and_a_default_that_is_not_accepted_are_refused() {
    let other = Declared::new("greeter", &Setting::bool("other.loud", true, ""));
    let expected = "the setting \"other.loud\" is to be named greeter.<name>";
    assert_eq!(other.unwrap_err(), expected);
    let zero = Declared::new("greeter", &Setting::integer("greeter.n", 1..=25, 0, ""));
    let expected =
        "the default \"0\" of the setting \"greeter.n\" is not a whole number from 1 to 25";
    assert_eq!(zero.unwrap_err(), expected);
}

#[test]
fn a_declared_setting_tells_what_it_is() {
    let setting = Declared::new("greeter", &PACE).unwrap();
    let told = (setting.module(), setting.default(), setting.description());
    assert_eq!(told, ("greeter", "slow", "How fast it is"));
    assert_eq!(setting.kind().shown("fast"), "`fast`");
}

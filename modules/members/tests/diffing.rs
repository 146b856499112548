//! Snapshots, and what lies between them.

use super::*;

#[tokio::test]
async fn two_nights_tell_who_joined_left_and_changed() {
    for database in Database::each().await {
        let (bot, guild) = on(database).await;
        let owner = guild.owner();
        let [ann, ben, cat] = ["ann", "ben", "cat"].map(|name| guild.member(name));
        let none = owner.slash("/members diff").await.text();
        assert!(
            none.starts_with("No snapshot of the members has been taken yet"),
            "{none}"
        );
        bot.advance(hours(24)).await;
        let one = owner.slash("/members diff").await.text();
        assert_eq!(
            one,
            "There is one snapshot only: two nights make a difference."
        );

        switch(&bot, &guild, false).await;
        ben.leaves();
        names(&bot, &guild, &cat, "kitty").await;
        guild.give_role(&ann, guild.role("helpers", Permissions::NONE));
        guild.member("dan");
        switch(&bot, &guild, true).await;
        bot.advance(hours(24)).await;

        let answer = owner.slash("/members diff").await;
        assert!(answer.is_ephemeral());
        let text = answer.text();
        assert!(text.contains("2026-03-03 03:"), "{text}");
        for line in [
            "➕ dan `dan`",
            "➖ ben `ben`",
            "✏️ cat `kitty`: was `cat`",
            "✏️ ann `ann`: +@helpers",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        for line in ["Joined: 1", "Left: 1", "Changed: 2"] {
            assert!(text.contains(line), "{line}: {text}");
        }
    }
}

/// Discord tells when somebody joined in microseconds.
#[tokio::test]
async fn a_night_in_which_nothing_happened_writes_no_version() {
    for database in Database::each().await {
        let (bot, guild) = on(database).await;
        bot.advance(Duration::from_micros(1_500)).await;
        guild.fill(3);
        for _ in 0..2 {
            snapshot(&bot).await;
        }
        let count = bot.host().db().read("select count(*) from members_version");
        assert_eq!(count.one::<(i64,)>().await.unwrap().0, 5);
    }
}

#[tokio::test]
async fn snapshots_are_named_by_their_day_and_suggested() {
    let (bot, guild) = on(Database::sqlite()).await;
    let owner = guild.owner();
    for name in ["ann", "ben", "cat"] {
        guild.member(name);
        bot.advance(hours(24)).await;
    }
    let text = owner.slash("/members diff since:2026-03-03").await.text();
    assert!(text.contains("➕ ben") && text.contains("➕ cat"), "{text}");
    let text = owner.slash("/members diff until:2026-03-04").await.text();
    assert!(text.contains("➕ ben") && !text.contains("cat"), "{text}");
    for (options, expected) in [
        ("since:2026-03-02", "There is no snapshot of `2026-03-02`"),
        ("since:2026-03-05 until:2026-03-03", "is not before"),
        ("since:2026-03-04 until:2026-03-04", "is not before"),
    ] {
        let text = owner
            .slash(&format!("/members diff {options}"))
            .await
            .text();
        assert!(text.contains(expected), "{options}: {text}");
    }
    let suggested = owner.completes("/members diff since:03-04").await.unwrap();
    let choices = suggested.choices().unwrap()["choices"].as_array().cloned();
    let choices =
        choices.unwrap_or_else(|| suggested.choices().unwrap().as_array().cloned().unwrap());
    assert_eq!(choices.len(), 1, "{choices:?}");
    assert!(
        choices[0]["name"].as_str().unwrap().ends_with(" UTC"),
        "{choices:?}"
    );
}

#[tokio::test]
async fn changes_are_turned_page_by_page_until_their_snapshot_is_forgotten() {
    let (bot, guild) = on(Database::sqlite()).await;
    let (owner, general) = (guild.owner(), guild.channel("general"));
    snapshot(&bot).await;
    guild.fill(2_500);
    snapshot(&bot).await;
    let first = owner.slash("/members diff").await.text();
    assert!(
        first.contains("Joined: 2500") && first.contains("Page 1 of 125"),
        "{first}"
    );
    let second = owner.presses(&general, "Next", &[]).await.unwrap().text();
    assert!(second.contains("Page 2 of 125"), "{second}");
    owner
        .slash("/settings set key:members.kept_days value:1")
        .await;
    bot.advance(hours(48)).await;
    let gone = owner.presses(&general, "Next", &[]).await.unwrap().text();
    assert_eq!(gone, "That snapshot is not kept any more.");
}

#[tokio::test]
async fn a_night_that_failed_midway_goes_on_where_it_was() {
    let (bot, guild) = on(Database::sqlite()).await;
    guild.fill(2_500);
    let path = format!("guilds/{}/members", guild.id());
    let asked = || {
        let requests = bot.simulator().requests();
        let listed = requests
            .iter()
            .filter(|it| it.path.contains(&path) && it.method == "GET");
        listed.count()
    };
    snapshot(&bot).await;
    assert_eq!(asked(), 3);

    // The first page is had, and the second fails for all four times that a request is made.
    let faults = [
        FaultRule::late(Duration::ZERO).path(&path),
        FaultRule::new(500).path(&path).times(4),
    ];
    faults
        .into_iter()
        .for_each(|fault| bot.simulator().fail_next(fault));
    bot.advance(hours(24)).await;
    assert_eq!(asked(), 3 + 1 + 4 + 2);
    let status = bot.host().task("members.snapshot").unwrap().status();
    assert_eq!(status.fails, 0, "{:?}", status.last_error);
    let text = guild.owner().slash("/members stats").await.text();
    assert!(text.contains("People: 2501"), "{text}");
}

#[tokio::test]
async fn a_list_that_discord_refuses_is_told_once_and_stops_nobody() {
    let (bot, guild) = on(Database::sqlite()).await;
    let other = bot.guild("Gophers");
    switch(&bot, &other, true).await;
    for guild in [&guild, &other] {
        let path = format!("guilds/{}/members", guild.id());
        let fault = FaultRule::new(403)
            .error(50001, Some("Missing Access"))
            .path(&path)
            .method("GET");
        bot.simulator().fail_next(fault.times(1));
    }
    bot.simulator().fail_next(
        FaultRule::new(403)
            .path(&format!("guilds/{}/members", guild.id()))
            .times(2),
    );
    snapshot(&bot).await;
    let owner = bot.simulator().application_owner();
    let told: Vec<_> = owner.direct().messages();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].content().contains("Server Members Intent"),
        "{told:?}"
    );
    assert_eq!(
        bot.host().task("members.snapshot").unwrap().status().fails,
        0
    );

    let text = guild.owner().slash("/members search name:a").await.text();
    assert!(
        text.starts_with("Discord does not let me list the members"),
        "{text}"
    );
    snapshot(&bot).await;
    snapshot(&bot).await;
    assert_eq!(owner.direct().messages().len(), 1);
    let text = other.owner().slash("/members stats").await.text();
    assert!(text.contains("People: 1"), "{text}");
}

#[tokio::test]
async fn what_is_older_than_the_server_wants_is_forgotten_also_while_it_is_off() {
    for database in Database::each().await {
        let (bot, guild) = on(database).await;
        let (ann, ben) = (guild.member("ann"), guild.member("ben"));
        guild
            .owner()
            .slash("/settings set key:members.kept_days value:3")
            .await;
        bot.advance(hours(24)).await;
        ben.leaves();
        bot.advance(hours(24)).await;
        let kept = async |id| bot.host().db().mentions(id).await.unwrap();
        let (ben, ann) = (ben.id().to_string(), ann.id().to_string());
        assert_eq!(kept(&ben).await, ["members_version.user_id"]);
        bot.advance(hours(4 * 24)).await;
        assert_eq!(kept(&ben).await, [""; 0]);
        assert_eq!(kept(&ann).await, ["members_version.user_id"]);
        switch(&bot, &guild, false).await;
        bot.advance(hours(5 * 24)).await;
        assert_eq!(kept(&ann).await, [""; 0]);
    }
}

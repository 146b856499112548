//! Polls: a question under a message, and who chose which answer.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::gateway::sessions::Event;
use crate::intents::Intents;
use crate::payload::timestamp;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::draft::Draft;
use crate::world::due::Due;
use crate::world::message::{Message, Notice};
use crate::world::reaction::Used;

/// A poll as somebody asks it.
#[derive(Clone, Debug)]
pub(crate) struct NewPoll {
    pub(crate) question: String,
    /// Text and emoji of each.
    pub(crate) answers: Vec<(String, Option<Used>)>,
    pub(crate) is_multiple: bool,
    pub(crate) hours: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Poll {
    question: String,
    /// Numbered from 1.
    answers: Vec<Choice>,
    is_multiple: bool,
    expiry: DateTime<Utc>,
    is_over: bool,
}

#[derive(Clone, Debug)]
struct Choice {
    text: String,
    emoji: Option<Used>,
    voters: Vec<Snowflake>,
}

impl Choice {
    fn media(&self) -> Value {
        let mut object = json!({ "text": self.text });
        if let Some(emoji) = &self.emoji {
            object["emoji"] = emoji.object();
        }
        object
    }
}

impl Poll {
    pub(crate) fn new(new: NewPoll, now: DateTime<Utc>) -> Self {
        let answers = new.answers.into_iter().map(|(text, emoji)| Choice {
            text,
            emoji,
            voters: Vec::new(),
        });
        let hours = i64::try_from(new.hours).unwrap_or(i64::MAX);
        Self {
            question: new.question,
            answers: answers.collect(),
            is_multiple: new.is_multiple,
            expiry: now + TimeDelta::try_hours(hours).unwrap_or_default(),
            is_over: false,
        }
    }

    /// As `reader` sees it.
    pub(crate) fn object(&self, reader: Snowflake) -> Value {
        let numbered = || self.answers.iter().zip(1_u64..);
        let answers = numbered()
            .map(|(answer, number)| json!({ "answer_id": number, "poll_media": answer.media() }));
        let counts = numbered().filter(|(answer, _)| !answer.voters.is_empty());
        let counts = counts.map(|(answer, number)| {
            let me_voted = answer.voters.contains(&reader);
            json!({ "id": number, "count": answer.voters.len(), "me_voted": me_voted })
        });
        json!({
            "question": { "text": self.question },
            "answers": answers.collect::<Vec<_>>(),
            "expiry": timestamp(self.expiry),
            "allow_multiselect": self.is_multiple,
            "layout_type": 1,
            "results": {
                "is_finalized": self.is_over,
                "answer_counts": counts.collect::<Vec<_>>(),
            },
        })
    }

    /// The question, then each answer.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let answers = self.answers.iter().map(|it| it.text.as_str());
        std::iter::once(self.question.as_str()).chain(answers)
    }

    /// Who chose an answer; `None` when there is no such answer.
    pub(crate) fn voters(&self, answer: u64) -> Option<&[Snowflake]> {
        let index = usize::try_from(answer).ok()?.checked_sub(1)?;
        Some(&self.answers.get(index)?.voters)
    }

    /// What its end is announced with.
    fn result(&self) -> Value {
        let votes = |it: &Choice| it.voters.len();
        let total: usize = self.answers.iter().map(votes).sum();
        let most = self.answers.iter().map(votes).max().unwrap_or(0);
        let mut best = self.answers.iter().zip(1_u64..);
        let mut best = best
            .by_ref()
            .filter(|(it, _)| votes(it) == most && most > 0);
        let victor = best.next().filter(|_| best.next().is_none());
        let mut fields = vec![
            ("poll_question_text", self.question.clone()),
            ("victor_answer_votes", most.to_string()),
            ("total_votes", total.to_string()),
        ];
        if let Some((victor, number)) = victor {
            fields.push(("victor_answer_id", number.to_string()));
            fields.push(("victor_answer_text", victor.text.clone()));
            if let Some(emoji) = &victor.emoji {
                fields.push(("victor_answer_emoji_name", emoji.name.clone()));
            }
        }
        let fields = fields
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value, "inline": false }));
        json!({ "type": "poll_result", "fields": fields.collect::<Vec<_>>() })
    }
}

impl World {
    /// Sees to it that the poll of a new message ends in time.
    pub(crate) fn watch_poll(&mut self, message: &Message) {
        if let Some(poll) = &message.poll {
            let (channel, message) = (message.channel, message.id);
            self.remind(poll.expiry, Due::Poll { channel, message });
        }
    }

    /// Somebody chooses these answers and no others; none of them takes a vote back.
    ///
    /// # Errors
    /// An unknown message; 520006 when it is no poll, 520001 when that is over; 50035 for answers
    /// that are not there, or several where one is asked for.
    pub(crate) fn vote(
        &mut self,
        channel: Snowflake,
        message: Snowflake,
        user: Snowflake,
        answers: &[u64],
    ) -> Result<(), ApiError> {
        let known = self.message_mut(channel, message)?;
        let poll = known.poll.as_mut().ok_or_else(ApiError::no_poll)?;
        if poll.is_over {
            return Err(ApiError::poll_expired());
        }
        let is_known = answers.iter().all(|it| poll.voters(*it).is_some());
        if !is_known || answers.len() > 1 && !poll.is_multiple {
            let message = "Invalid poll answer";
            return Err(ApiError::form(
                &["answer_ids"],
                "BASE_TYPE_CHOICES",
                message,
            ));
        }
        let mut changes = Vec::new();
        for (choice, number) in poll.answers.iter_mut().zip(1_u64..) {
            let had = choice.voters.contains(&user);
            let has = answers.contains(&number);
            choice.voters.retain(|it| *it != user);
            if has {
                choice.voters.push(user);
            }
            if had != has {
                changes.push((number, has));
            }
        }
        for (answer, has) in changes {
            self.tell_vote(channel, message, user, (answer, has));
        }
        Ok(())
    }

    fn tell_vote(
        &mut self,
        channel: Snowflake,
        message: Snowflake,
        user: Snowflake,
        (answer, has): (u64, bool),
    ) {
        let mut data = json!({
            "user_id": user,
            "channel_id": channel,
            "message_id": message,
            "answer_id": answer,
        });
        let guild = self.channels.get(&channel).and_then(|it| it.guild);
        let intent = match guild {
            Some(_) => Intents::GUILD_MESSAGE_POLLS,
            None => Intents::DIRECT_MESSAGE_POLLS,
        };
        if let Some(guild) = guild {
            data["guild_id"] = json!(guild);
        }
        let kind = match has {
            true => "MESSAGE_POLL_VOTE_ADD",
            false => "MESSAGE_POLL_VOTE_REMOVE",
        };
        self.emit(&Event::new(kind, data).guild_if(guild).needs(intent));
    }

    /// Ends a poll and announces who won; nothing happens when it is gone or over.
    pub(crate) fn end_poll(&mut self, channel: Snowflake, id: Snowflake) {
        let now = self.now();
        let Ok(message) = self.message_mut(channel, id) else {
            return;
        };
        let Some(poll) = message.poll.as_mut().filter(|it| !it.is_over) else {
            return;
        };
        poll.is_over = true;
        poll.expiry = poll.expiry.min(now);
        let result = poll.result();
        let (author, changed) = (message.author, message.clone());
        self.announce(&changed, "MESSAGE_UPDATE");
        let notice = Draft {
            embeds: vec![result],
            reply_to: Some(id),
            ..Draft::notice(Notice::PollResult)
        };
        // The channel is there, since the poll was.
        let _ = self.post(channel, author, notice);
    }

    /// # Errors
    /// An unknown message; 50005 when it is another's, 520006 when it is no poll, 520001 when that
    /// is over.
    pub(crate) fn expire_poll(
        &mut self,
        channel: Snowflake,
        id: Snowflake,
        actor: Snowflake,
    ) -> Result<(), ApiError> {
        let message = self.message_mut(channel, id)?;
        let poll = message.poll.as_ref().ok_or_else(ApiError::no_poll)?;
        if message.author != actor {
            return Err(ApiError::edit_by_other());
        }
        if poll.is_over {
            return Err(ApiError::poll_expired());
        }
        self.end_poll(channel, id);
        Ok(())
    }
}

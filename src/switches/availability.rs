//! How a module stands where nobody has switched it.

/// Said by a module in its setup.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Availability {
    /// On everywhere; its commands are global.
    #[default]
    OnByDefault,
    /// Off until a guild switches it on; each guild that does gets its commands. Nothing of it is to be had in
    /// direct messages.
    OffByDefault,
    /// On, and cannot be switched off.
    AlwaysOn,
}

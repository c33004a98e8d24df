//! Socket.IO: the native vocabulary as events and acknowledgements.

pub mod vocabulary;

/// Shapes as an automaton over bytes with a stack, made state by state while text is read or masks are asked for.
///
/// ```
/// Frame      one level of nesting and how far it is: a leaf (string, number, literal) in a state of its byte
/// automaton; an object
///            with the properties seen; a list with the items counted; a value that has not begun
/// Config     a stack of frames: the top one reads the next byte, the one beneath waits for it to end
/// Moves      Frame.step(byte): the configs after a byte. Several where more than one way of the schema is still
/// open (anyOf, a name
///            that several classes may become); a frame that ends uncovers the one beneath
/// States     the set of configs after the same text: deterministic, interned, with its transitions kept
/// ```
/// Strings that are spans of the context are frames of their own ([QuoteFrame]): there may be as many as the context
/// has characters, so neither they nor the stacks with one on top are kept.
///
/// Frames and configs are interned, so equal stacks are one object, and what is worked out for one is found again.
///
/// In lists whose items differ, and within their items, the frames are [WatchedFrame]s: each knows what has been
/// read of its value and which earlier values it may still become ([Taken]). They are not interned; their masks are
/// those of the plain frames less the few tokens that lead to a repetition ([WatchedMasks]).
///
/// Nothing here can get stuck: a byte is accepted only if a valid value can still follow, because leaves have no
/// dead ends, properties and items are offered only where their shapes are inhabited, and an object looks ahead
/// whether its required and forbidden names and its limits can still be met ([Progress]).
///
/// Masks ([Masks]) are worked out per frame, not per stack: the frame is put on a hole and all tokens are walked;
/// those that stay within the frame are the same on every stack; where the hole shows, the token goes on in whatever
/// is beneath, and only these tails are walked for a given stack. Inside a string nearly all tokens stay within, and
/// that set is worked out once for a vocabulary.
///
/// Ends ([Endings]) are worked out per frame too: how what is open becomes whole with few tokens. The end of a stack
/// is that of its top frame and then that of the stack beneath, so whether an answer can still be closed within a
/// budget is a sum that is kept with each stack. Only invented names and items that must differ depend on more.
package dev.lectern.engine.internal.constraint.automaton;

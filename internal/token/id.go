package token

// A KeyID names an integration key or a Feedback API key in public: 12 of 0-9A-Za-z.
type KeyID [idLength]byte

func (id KeyID) String() string { return string(id[:]) }

// NewKeyID returns a random key ID.
func NewKeyID() KeyID { return KeyID([]byte(NewID())) }

// ParseKeyID reports whether text is a key ID.
func ParseKeyID(text string) (KeyID, bool) {
	var id KeyID
	if !IsID(text) {
		return id, false
	}
	copy(id[:], text)
	return id, true
}

// NewID returns a random ID of 12 of 0-9A-Za-z. That is 71 bits: two are not expected to be equal.
func NewID() string { return RandomText(idLength) }

// IsID reports whether text has the form of an ID that [NewID] returns.
func IsID(text string) bool { return len(text) == idLength && IsBase62(text) }

package password

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// params are the parameters of argon2id.
type params struct {
	memory  uint32 // KiB
	time    uint32 // passes
	threads uint8
}

var (
	// current is OWASP's first recommendation for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one
	// lane.
	current = params{memory: 19 * 1024, time: 2, threads: 1}
	// weak takes microseconds. It protects nothing.
	weak = params{memory: 8, time: 1, threads: 1}
)

const (
	saltLength = 16
	sumLength  = 32
)

// hash returns the PHC string of a password with a new salt: $argon2id$v=19$m=…,t=…,p=…$salt$sum.
func (p params) hash(password string) string {
	salt := make([]byte, saltLength)
	rand.Read(salt)
	sum := argon2.IDKey([]byte(password), salt, p.time, p.memory, p.threads, sumLength)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, p.memory, p.time, p.threads, b64(salt), b64(sum))
}

func matches(stored, password string) bool {
	p, salt, sum, err := parse(stored)
	if err != nil {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, p.time, p.memory, p.threads, uint32(len(sum)))
	return subtle.ConstantTimeCompare(got, sum) == 1
}

func parse(stored string) (p params, salt, sum []byte, err error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, nil, nil, errors.New("the stored hash has an unknown form")
	}
	if _, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); err != nil {
		return p, nil, nil, fmt.Errorf("parameters of the stored hash: %w", err)
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err == nil {
		sum, err = base64.RawStdEncoding.DecodeString(parts[5])
	}
	if err == nil && (p.time == 0 || p.threads == 0 || len(sum) == 0) {
		err = errors.New("parameters of the stored hash are zero")
	}
	return p, salt, sum, err
}

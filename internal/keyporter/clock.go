package keyporter

import "time"

// clockSkew is by how much the clocks of two nodes may differ. A stored time that is later than now by more than
// that, or an end that is further off than the code can give, was written while a clock was wrong: what has it does
// not count.
const clockSkew = 5 * time.Minute

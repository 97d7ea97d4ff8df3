package reports

import (
	"testing"
	"time"
)

func TestRoughly(t *testing.T) {
	for d, want := range map[time.Duration]string{
		1234 * time.Millisecond: "1.2s", 34 * time.Second: "34s", 25*time.Minute + 3*time.Second: "25m", 90 * time.Second: "1m30s", 70 * time.Hour: "70h", 3*time.Hour + 20*time.Minute: "3h20m",
	} {
		if got := roughly(d); got != want {
			t.Errorf("%v is %s, want %s", d, got, want)
		}
	}
}

package cli

import (
	"os"
	"strings"
	"testing"

	"bitcycle/internal/schema"
	"bitcycle/internal/schema/schematest"
	"bitcycle/internal/testdata"
)

// TestReference holds docs/reference.md below its head to the schemas.
func TestReference(t *testing.T) {
	const path, mark = "../../docs/reference.md", "-update -->\n"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(page), mark)
	var b strings.Builder
	b.WriteString(head + mark)
	for _, kind := range []string{"machine", "frontend", "workload", "mapping", "policy", "network", "sweep", "dram"} {
		text := schema.Of(kind)
		if text == nil {
			t.Logf("no schema of %s", kind)
			continue
		}
		n, err := schematest.Read(text)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		b.WriteString("\n" + schematest.Page(n))
	}
	testdata.Text(t, path, []byte(b.String()), *update)
}

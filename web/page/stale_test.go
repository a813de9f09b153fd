package page_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestGeneratedCodeIsFresh generates the Go code of every templ file in a copy and compares it with the committed code.
func TestGeneratedCodeIsFresh(t *testing.T) {
	root := filepath.Join("..", "..")
	folder := t.TempDir()
	copied, templ := filepath.Join(folder, "web"), filepath.Join(folder, "templ")
	if err := os.CopyFS(copied, os.DirFS(filepath.Join(root, "web"))); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", templ, "github.com/a-h/templ/cmd/templ")
	generate := exec.Command(templ, "generate")
	generate.Dir = folder // generated code contains file names relative to this folder
	for _, cmd := range []*exec.Cmd{build, generate} {
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	found := 0
	err := fs.WalkDir(os.DirFS(copied), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_templ.go") {
			return err
		}
		found++
		fresh, err := os.ReadFile(filepath.Join(copied, path))
		if err != nil {
			return err
		}
		committed, err := os.ReadFile(filepath.Join(root, "web", path))
		if err == nil && !bytes.Equal(fresh, committed) {
			t.Errorf("web/%s is stale: run make generate", path)
		}
		return err
	})
	if err != nil || found < 10 {
		t.Fatalf("%d generated files, %v", found, err)
	}
}

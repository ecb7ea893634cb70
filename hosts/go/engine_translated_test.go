//go:build moonlet_translated

package moonlet

import "testing"

// What the tests build is built as they are.
const (
	isTranslated = true
	tags         = "moonlet_translated"
)

func TestThereIsNoEngineForOtherModules(t *testing.T) {
	isRefusedOption(t, Module([]byte("\x00asm\x01\x00\x00\x00")), "built with the tag moonlet_translated")
}

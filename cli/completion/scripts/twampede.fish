# Completion of twampede for fish. In this shell alone:
#   twampede completions fish | source
# for good:
#   mkdir -p ~/.config/fish/completions
#   twampede completions fish > ~/.config/fish/completions/twampede.fish

function __twampede_complete
    set -l before (commandline -opc)
    set -l word (commandline -ct)
    set -l program (string replace -r '^~/' "$HOME/" -- $before[1])
    set -l reply ($program complete --word="$word" -- $before[2..-1] 2>/dev/null)
    or return
    set -l kind (string split \t -- $reply[1])
    switch "$kind[1]"
        case files folders
            set -l rest (string sub -s (math 1 + (string length -- "$kind[2]")) -- "$word")
            for path in (__fish_complete_path "$rest")
                # A folder goes on, and is what leads to both.
                if test $kind[1] = files; or string match -qr '/(\t|$)' -- $path
                    printf '%s%s\n' "$kind[2]" $path
                end
            end
        case words
            # fish puts no blank behind what ends in = : or ,
            printf '%s\n' $reply[2..-1]
    end
end

complete -c twampede -f -k -a '(__twampede_complete)'

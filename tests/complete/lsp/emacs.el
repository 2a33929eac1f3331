;;; Types in a real Emacs and prints what the server answers; run by test_editors.py.
(require 'eglot)
(require 'json)
(setq eglot-sync-connect 20
      eglot-connect-timeout 30)

(defun answers (text)
  "Put TEXT on the last line and return the completions behind it."
  (delete-region (line-beginning-position) (point-max))
  (insert text)
  (let ((found (eglot-completion-at-point)))
    (vconcat (mapcar #'substring-no-properties
                     (all-completions (buffer-substring (nth 0 found) (point)) (nth 2 found))))))

(find-file "app.js")
(apply #'eglot--connect (eglot--guess-contact))
(find-file "app.js")
(goto-char (point-max))
(let ((typed (answers "to"))
      (after-a-pair (answers "'\U0001F600' + to")))
  (with-temp-file (getenv "ANSWERS")
    (insert (json-encode (list (cons 'typed typed) (cons 'after_a_pair after-a-pair))))))
(eglot-shutdown (eglot-current-server))
(set-buffer-modified-p nil)
(kill-emacs 0)

# SPDX-License-Identifier: GPL-3.0-or-later
"""German: The daemon, its queue and models, preferences and menus."""

WORDS = {
    "Connecting": "Verbindet",
    "Keeps stopping": "Endet immer wieder",
    "No connection": "Keine Verbindung",
    "Not installed": "Nicht installiert",
    "Ready": "Bereit",
    "Starting": "Startet",
    "Stopped": "Angehalten",
    "Start the render daemon; it runs on when Blender is closed": (
        "Den Render-Daemon starten; er läuft weiter, wenn Blender geschlossen wird"
    ),
    "Start Daemon": "Daemon starten",
    "Stop the render daemon; a running job starts again with its next start": (
        "Den Render-Daemon anhalten; ein laufender Auftrag beginnt mit seinem nächsten Start von vorn"
    ),
    "Stop Daemon": "Daemon anhalten",
    "Install the daemon that came with this extension into its own environment in your user folder": (
        "Den Daemon, der dieser Erweiterung beiliegt, in eine eigene Umgebung in Ihrem Benutzerordner installieren"
    ),
    "Install Daemon": "Daemon installieren",
    "Copy the command that installs the daemon that came with this extension, for a Python of your own": (
        "Den Befehl kopieren, der den beiliegenden Daemon in ein eigenes Python installiert"
    ),
    "Copy Command": "Befehl kopieren",
    "Copy the command that lets this Blender in, to be run on the daemon's machine; put your name for NAME": (
        "Den Befehl kopieren, der dieses Blender einlässt; er wird auf dem Rechner des Daemons ausgeführt, mit "
        "Ihrem Namen statt NAME"
    ),
    "Stop installing the daemon": "Die Installation des Daemons abbrechen",
    "Cancel": "Abbrechen",
    "With Diffusion Engines": "Mit Diffusions-Engines",
    "Install torch too, in the build that fits the graphics card: several GB": (
        "Auch torch installieren, in der zur Grafikkarte passenden Fassung: mehrere GB"
    ),
    "The daemon is on another machine: start it there": (
        "Der Daemon läuft auf einem anderen Rechner: starten Sie ihn dort"
    ),
    "The daemon is running already": "Der Daemon läuft bereits",
    "There is no daemon to stop": "Es gibt keinen Daemon anzuhalten",
    "The daemon is on another machine: stop it there": (
        "Der Daemon läuft auf einem anderen Rechner: halten Sie ihn dort an"
    ),
    "Allow online access in Preferences > System > Network first": (
        "Erlauben Sie zuerst den Onlinezugriff unter Einstellungen > System > Netzwerk"
    ),
    "The daemon is being installed": "Der Daemon wird gerade installiert",
    "This copy of the extension carries no daemon": "Diesem Exemplar der Erweiterung liegt kein Daemon bei",
    "Details": "Einzelheiten",
    "The daemon makes the clips. It runs beside Blender in a Python of its own.": (
        "Der Daemon macht die Clips. Er läuft neben Blender in einem eigenen Python."
    ),
    "Or run this in a terminal, then press Start here:": (
        "Oder führen Sie dies in einem Terminal aus und drücken Sie dann hier Starten:"
    ),
    "Open System Preferences": "Systemeinstellungen öffnen",
    "To install it from here, allow online access in Preferences > System > Network.": (
        "Um ihn von hier zu installieren, erlauben Sie den Onlinezugriff unter Einstellungen > System > Netzwerk."
    ),
    "Start": "Starten",
    "Shots": "Shots",
    "References": "Referenzen",
    "Camera": "Kamera",
    "Characters and Source": "Figuren und Quelle",
    "Queue": "Warteschlange",
    "Daemon and Models": "Daemon und Modelle",
    "Messages": "Meldungen",
    "Shots, references, camera, takes": "Shots, Referenzen, Kamera, Takes",
    "Second Unit": "Second Unit",
    "What can be made of strips": "Was sich aus Streifen machen lässt",
    "Have the daemon fetch the model's weights from the hub; a download that was stopped goes on where it was": (
        "Den Daemon die Gewichte des Modells vom Hub holen lassen; ein angehaltener Download geht weiter, wo er war"
    ),
    "Fetch Model": "Modell holen",
    "Stop what is being done with the model; what was fetched is kept": (
        "Anhalten, was mit dem Modell geschieht; was geholt wurde, bleibt"
    ),
    "Read the model's files and compare them with what the hub named; needs no network": (
        "Die Dateien des Modells lesen und mit den Angaben des Hubs vergleichen; braucht kein Netz"
    ),
    "Verify": "Prüfen",
    "Delete the model's weights from the hub's cache, which other programs share": (
        "Die Gewichte des Modells aus dem Zwischenspeicher des Hubs löschen, den andere Programme mitbenutzen"
    ),
    "Remove Weights": "Gewichte entfernen",
    "Look again at models.toml, the hub's cache and the folder of LoRAs": (
        "models.toml, den Zwischenspeicher des Hubs und den LoRA-Ordner neu ansehen"
    ),
    "Refresh Models": "Modelle auffrischen",
    "Have the daemon let go of the graphics card, so that Cycles can have it; the next shot takes it again": (
        "Den Daemon die Grafikkarte freigeben lassen, damit Cycles sie bekommt; der nächste Shot nimmt sie wieder"
    ),
    "Memory": "Speicher",
    "Time": "Zeit",
    "Stage": "Abschnitt",
    "Left": "Übrig",
    "Weights": "Gewichte",
    "Licence": "Lizenz",
    "Commit": "Commit",
    "Free Memory for Rendering": "Speicher fürs Rendern freigeben",
    "Name of the model; empty for the chosen one": "Name des Modells; leer für das gewählte",
    "I Have Read It and Accept It": "Ich habe sie gelesen und nehme sie an",
    "Accept the licence of the model's weights; it is asked for once": (
        "Die Lizenz der Gewichte des Modells annehmen; danach wird einmal gefragt"
    ),
    "Its weights are not here: fetch them": "Seine Gewichte sind nicht hier: holen Sie sie",
    "Start the daemon first": "Starten Sie zuerst den Daemon",
    "The daemon lists no models": "Der Daemon nennt keine Modelle",
    "There is no daemon that holds any": "Es gibt keinen Daemon, der welchen belegt",
    "A shot is being made and needs the card: wait for it or cancel it": (
        "Ein Shot wird gerade gemacht und braucht die Karte: warten Sie oder brechen Sie ihn ab"
    ),
    "Read the Licence": "Lizenz lesen",
    "Newest": "Neueste",
    "What is published now, not the commit that was fetched before": (
        "Was jetzt veröffentlicht ist, nicht der Commit, der früher geholt wurde"
    ),
    "Models": "Modelle",
    "It lies in a folder of yours and is not touched": "Es liegt in einem Ordner von Ihnen und wird nicht angerührt",
    "Remove": "Entfernen",
    "Fetch": "Holen",
    "Active Model": "Aktives Modell",
    "Model that is shown below the list": "Modell, das unter der Liste gezeigt wird",
    "Daemon": "Daemon",
    "Where clips are made": "Wo Clips gemacht werden",
    "Address": "Adresse",
    "Host and port of the daemon, such as render-box:7755": "Rechner und Port des Daemons, etwa render-box:7755",
    "Its Key": "Sein Schlüssel",
    "The daemon's public key, as `second-unit key` prints it on its machine": (
        "Der öffentliche Schlüssel des Daemons, wie ihn `second-unit key` auf seinem Rechner ausgibt"
    ),
    "Program": "Programm",
    "The second-unit program; leave it empty to have it found": (
        "Das Programm second-unit; leer lassen, um es suchen zu lassen"
    ),
    "Start When Needed": "Bei Bedarf starten",
    "Start the daemon when you press Shoot, and again if it stops in the middle of a job": (
        "Den Daemon starten, wenn Sie Drehen drücken, und erneut, wenn er mitten in einem Auftrag endet"
    ),
    "Takes": "Takes",
    "Folder for finished takes; // is the folder of the .blend": (
        "Ordner für fertige Takes; // ist der Ordner der .blend-Datei"
    ),
    "Captures": "Aufnahmen",
    "Folder for captured planes until the daemon has them; leave it empty for the user's own folder": (
        "Ordner für aufgenommene Ebenen, bis der Daemon sie hat; leer lassen für den Ordner des Benutzers"
    ),
    "Quality of New Shots": "Qualität neuer Shots",
    "What a shot that you add starts with": "Womit ein hinzugefügter Shot beginnt",
    "Takes Kept": "Behaltene Takes",
    "Takes Kept (0: All)": "Behaltene Takes (0: alle)",
    (
        'Of each shot only the newest so many takes stay in the list; older ones go to the folder "trash", but '
        "for those with a star or on the timeline. 0 keeps them all"
    ): (
        "Von jedem Shot bleiben nur so viele der neuesten Takes in der Liste; ältere kommen in den Ordner "
        '"trash", außer denen mit Stern oder auf der Zeitleiste. 0 behält alle'
    ),
    "Land Sound": "Ton mitnehmen",
    "Put the sound of a take on the timeline with it": "Den Ton eines Takes mit ihm auf die Zeitleiste legen",
    "Let this Blender in there": "Dieses Blender dort einlassen",
    "This Machine": "Dieser Rechner",
    "The daemon that was installed here; it is started when it is needed": (
        "Der hier installierte Daemon; er wird gestartet, wenn er gebraucht wird"
    ),
    "Another Machine": "Anderer Rechner",
    (
        "The daemon of another machine: its address, and its key as `second-unit key` prints it there. "
        "What lets this Blender in there is on the clipboard then"
    ): (
        "Der Daemon eines anderen Rechners: seine Adresse und sein Schlüssel, wie `second-unit key` ihn dort ausgibt. "
        "Was dieses Blender dort einlässt, ist danach in der Zwischenablage"
    ),
    "Or use one that runs on another machine, by its address and its key:": (
        "Oder einen benutzen, der auf einem anderen Rechner läuft, mit seiner Adresse und seinem Schlüssel:"
    ),
    "render-box:7755 KEY": "render-box:7755 SCHLÜSSEL",
    "A daemon that runs elsewhere, on a machine with a better graphics card": (
        "Ein Daemon, der anderswo läuft, auf einem Rechner mit besserer Grafikkarte"
    ),
    "Have a queued job run sooner or later; the turns of other people who share the daemon stay as they are": (
        "Einen wartenden Auftrag früher oder später laufen lassen; die Plätze anderer, die den Daemon mitbenutzen, "
        "bleiben, wie sie sind"
    ),
    "Move Job": "Auftrag verschieben",
    "First": "Zuerst",
    "Before all of your other jobs": "Vor alle Ihre anderen Aufträge",
    "Up": "Aufwärts",
    "Before the one above it": "Vor den darüber",
    "Down": "Abwärts",
    "After the one below it": "Nach dem darunter",
    "Direction": "Richtung",
    "Where to move it": "Wohin er verschoben wird",
    "Which job; empty for the chosen one": "Welcher Auftrag; leer für den gewählten",
    "There are no two jobs in the queue that could change places": (
        "In der Warteschlange sind keine zwei Aufträge, die Plätze tauschen könnten"
    ),
    "Only jobs that are queued can change places: choose one of them in the list": (
        "Nur wartende Aufträge können Plätze tauschen: wählen Sie einen davon in der Liste"
    ),
    "Of another file: its take lands there": "Aus einer anderen Datei: sein Take landet dort",
    "Active Job": "Aktiver Auftrag",
    "Job that is shown below the list": "Auftrag, der unter der Liste gezeigt wird",
    "Install with Diffusion (several GB)": "Mit Diffusion installieren (mehrere GB)",
    "The hub gives it to accounts that were given access: ask on its page, then run hf auth login": (
        "Der Hub gibt es Konten, denen Zugang gewährt wurde: fragen Sie auf seiner Seite an und führen Sie dann hf "
        "auth login aus"
    ),
    "Your user folder": "Ihr Benutzerordner",
    "render-box:7755": "render-box:7755",
    "What second-unit key prints there": "Was second-unit key dort ausgibt",
    "Found by itself": "Wird von selbst gefunden",
    "Run Chosen Job First": "Gewählten Auftrag zuerst",
    "Move Chosen Job Up": "Gewählten Auftrag aufwärts",
    "Move Chosen Job Down": "Gewählten Auftrag abwärts",
    "Cancel Capture": "Aufnahme abbrechen",
}
